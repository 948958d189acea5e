// Printing: what is printed parses to equal descriptors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { FileDescriptor } from "../descriptor.ts";
import { linkFiles } from "../linker/link.ts";
import { printFile } from "./print-file.ts";

function link(root: string, texts: Readonly<Record<string, string>>): FileDescriptor {
  const { files, errors } = linkFiles([root], (path) => {
    if (Object.hasOwn(texts, path)) return texts[path];
    if (!path.startsWith("google/")) return undefined;
    return readFileSync(new URL(`../../../../third_party/protobuf/${path}`, import.meta.url), "utf8");
  });
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
    texts[root],
  );
  return files[0] as FileDescriptor;
}

/** Prints what `root` links to, and asserts that it links to the same. Returns the print. */
function printsBack(root: string, texts: Readonly<Record<string, string>>): string {
  const before = link(root, texts);
  const printed = printFile(before);
  const after = link(root, { ...texts, [root]: printed });
  assert.deepEqual(after, before, printed);
  assert.equal(printFile(after), printed);
  return printed;
}

for (const name of ["any", "api", "descriptor", "duration", "empty", "field_mask", "struct", "type", "wrappers"]) {
  test(`google/protobuf/${name}.proto prints to a text with equal descriptors`, () => {
    printsBack(`google/protobuf/${name}.proto`, {});
  });
}

test("a file is printed as a person would write it", () => {
  const text = `syntax = "proto3";

package dirs;

import "google/protobuf/empty.proto";

// One entry.
message DirectoryEntry {
  reserved 4, 9 to max;
  reserved "size";
  string name = 1; // no slash
  bool is_directory = 2 [json_name = "dir", deprecated = true];
  map<string, DirectoryEntry> children = 3;
  oneof owner {
    uint32 uid = 5;
    string login = 6;
  }
  optional int64 inode = 7;
}

service Directories {
  rpc Watch(stream DirectoryEntry) returns (google.protobuf.Empty) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Forget(DirectoryEntry) returns (stream DirectoryEntry);
}
`;
  assert.equal(printsBack("dirs.proto", { "dirs.proto": text }), text);
});

test("custom options of every kind are printed back", () => {
  const text = `syntax = "proto3";
    package a.b;
    import "google/protobuf/descriptor.proto";
    import "google/protobuf/any.proto";
    message Rules {
      string identifier = 1; Kind kind = 2; map<string, Rules> by_name = 3; repeated float numbers = 4;
      bytes raw = 5; google.protobuf.Any any = 6; int64 long = 7; string __proto__ = 8;
      enum Kind { NONE = 0; SOME = 1; }
    }
    extend google.protobuf.FieldOptions {
      Rules rules = 50001; repeated Rules.Kind kinds = 50002; double ratio = 50003; string text = 50004; bytes raw = 50005;
    }
    extend google.protobuf.FileOptions { Rules file_rules = 50001; }
    option (file_rules) = { identifier: "only" };
    option java_package = "a\\"\\\\\\n\\001é\\U0001F600";
    message A {
      string a = 1 [(rules) = {
        kind: SOME, by_name { key: "x" value { kind: NONE } } numbers: [1, -0.0, inf, -inf, nan, 1e-7, 16777217],
        raw: "\\377\\0001" any { [type.googleapis.com/a.b.A] { a: "x" } } long: -9223372036854775808 __proto__: "p"
      }, (kinds) = SOME, (kinds) = NONE];
      string b = 2 [(rules).kind = SOME, (rules).by_name = { key: "k" }, (ratio) = -nan, (text) = "", (raw) = "\\xff"];
    }`;
  printsBack("a.proto", { "a.proto": text });
});

test("names are written so that they are found again from where they stand", () => {
  const texts = {
    "a.proto": `syntax = "proto3";
      package a.b;
      import "other.proto";
      message X { message a { message c {} } message b {} .a.b.Y y = 1; .a.c.Z z = 2; a.c w = 3; .X top = 4; string string = 5; }
      message Y { string X = 1; .a.b.X x = 2; .a.b.string s = 3; .a.b.stream t = 4; }
      message string {} message stream {} message option {}
      service S { rpc X(.a.b.X) returns (.a.b.stream); rpc Z(stream .a.b.stream) returns (.a.c.Z); }
      message O { oneof o { .a.b.option p = 1; } }`,
    "other.proto": 'syntax = "proto3"; import public "top.proto"; package a.c; message Z {}',
    "top.proto": 'syntax = "proto3"; message X {}',
  };
  printsBack("a.proto", texts);
});

test("comments are printed where they are found again", () => {
  const text = `// detached from syntax

// leads syntax
syntax = "proto3"; // trails syntax

/* detached
 * in two lines */

// leads A
//
//   indented
message A {
  // trails A
  // in two lines

  // detached from a

  // leads a
  string a = 1;
  // trails a
  // in two lines

  string b = 2; // trails b
  // leads c
  string c = 3;
  // leads o
  oneof o { // trails o
    string d = 4; /* trails d */
  }
}
enum E { // trails E

  // detached from Z

  Z = 0; // trails Z
}
// leads S
service S {
  // leads M
  rpc M(A) returns (A) { // trails M
    option deprecated = true;
  }
  rpc N(A) returns (A); // trails N
}
`;
  const printed = printsBack("a.proto", { "a.proto": text });
  for (const [comment] of text.matchAll(/(detached|leads|trails) \w+( \w+)?/g))
    assert.ok(printed.includes(comment), comment);
});

/** A file of messages and enums whose names, types and comments are drawn. */
const anyFile = fc
  .record({
    package: fc.constantFrom("", "p", "p.q", "A0"),
    syntaxComment: comment(),
    messages: fc.array(anyMessage(), { minLength: 1, maxLength: 4 }),
  })
  .map(({ package: name, syntaxComment, messages }) => {
    const head = `${syntaxComment}syntax = "proto3";\n${name === "" ? "" : `package ${name};`}`;
    const bodies = messages.map((body, index) =>
      body.replaceAll("@", `M${index}`).replaceAll("#", `M${messages.length - 1 - index}`),
    );
    const service = `service S { rpc A(.${name === "" ? "" : `${name}.`}M0) returns (stream M0) {} }`;
    return `${head}\n${bodies.join("\n")}\n${service}\n`;
  });

function comment(): fc.Arbitrary<string> {
  const words = fc.array(fc.constantFrom("one", " two", "three  ", "* four", "é", "\r", "//"), { maxLength: 3 });
  const line = words.map((parts) => parts.join(" "));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    line.map((text) => `// ${text}\n`),
    line.map((text) => `// ${text}\n//\n// ${text}\n`),
    line.map((text) => `/* ${text}\n   * ${text} */\n`),
    line.map((text) => `\n// ${text}\n\n/* ${text} */\n\n`),
    // A slash before the end would begin a comment within the comment.
    line.map((text) => `/*${text.replace(/\/$/, "/ ")}*/`),
  );
}

/** `@` stands for its name, `#` for another message's. */
function anyMessage(): fc.Arbitrary<string> {
  const type = fc.constantFrom(
    "int32",
    "sint64",
    "double",
    "bytes",
    "string",
    "bool",
    "@",
    "#",
    "E@",
    "@.Inner",
    "fixed32",
  );
  const label = fc.constantFrom("", "", "optional ", "repeated ");
  const option = fc.constantFrom(
    "",
    "",
    " [deprecated = true]",
    ' [json_name = "j$"]',
    " [debug_redact = false, deprecated = true]",
  );
  const field = fc
    .record({ type, label, option, before: comment(), after: comment(), map: fc.boolean() })
    .map(({ type, label, option, before, after, map }) => {
      const whole = map && label === "" ? `map<string, ${type}>` : `${label}${type}`;
      return `${before}${whole} f$ = $${option};${after}\n`;
    });
  const member = fc.record({ type, before: comment() }).map(({ type, before }) => `${before}${type} f$ = $;\n`);
  const oneof = fc
    .record({ members: fc.array(member, { minLength: 1, maxLength: 3 }), after: comment() })
    .map(({ members, after }) => `oneof o$ {${after}\n${members.join("")}}\n`);
  return fc
    .record({ parts: fc.array(fc.oneof(field, oneof), { maxLength: 6 }), before: comment(), after: comment() })
    .map(({ parts, before, after }) => {
      let number = 0;
      const body = parts
        .join("")
        .split(/(f\$ = \$|o\$)/)
        .map((piece) => {
          if (piece === "f$ = $") return `f${++number} = ${number}`;
          return piece === "o$" ? `o${number}` : piece.replace('"j$"', `"j${number}"`);
        })
        .join("");
      return `${before}message @ {${after}\n${body} message Inner {} reserved 100 to max; enum E@ { E@_Z = 0; E@_Y = -1; } }`;
    });
}

test("any file prints to a text with equal descriptors", () => {
  fc.assert(
    fc.property(anyFile, (text) => {
      printsBack("a.proto", { "a.proto": text });
    }),
    { seed: 7, numRuns: 40 },
  );
});
