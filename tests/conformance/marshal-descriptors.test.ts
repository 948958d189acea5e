// Descriptors of types that are generated or defined in TypeScript, against those of the parser.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EnumType, MessageDescriptor, MessageType, Service } from "farcall/idl";
import { generateAndCompile, link } from "../support/marshal/generate.ts";
import { Color, Everything, Kinds, kindsProto, Leaf } from "../support/marshal/kinds.ts";

const otherProto = `syntax = "proto3";
package other.things;
import public "kinds.proto";
option java_package = "com.example";
// A box.
message Box {
  message Lid { oneof fit { option (x) = 1; int32 loose = 1; .kinds.Leaf tight = 2; } }
  enum State { UNKNOWN = 0; SHUT = 1 [deprecated = true]; reserved 5 to 9; }
  Lid lid = 1;
  State state = 2;
  map<string, Lid> lids = 3;
  repeated .kinds.Color colors = 4 [packed = false];
}
`.replace(" option (x) = 1;", "");
const sources = { "kinds.proto": kindsProto, "other/things.proto": otherProto };
const parsed = link(sources);
const folder = generateAndCompile("descriptors", sources);
const kinds = await folder.load("kinds.proto");
const other = await folder.load("other/things.proto");

/** A copy without what code does not carry (comments) and without what leads to another file or back up. */
const leftOut = ["comments", "file", "parent"];

function plain(descriptor: unknown, leaveOut: readonly string[] = leftOut): unknown {
  const above: unknown[] = [];
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    if (above.includes(value)) return "above";
    above.push(value);
    const copied = Array.isArray(value)
      ? value.map(copy)
      : Object.fromEntries(
          Object.entries(value)
            .filter(([name]) => !leaveOut.includes(name))
            .map(([name, inner]) => [name, copy(inner)]),
        );
    above.pop();
    return copied;
  };
  return copy(descriptor);
}

const [kindsFile, otherFile] = parsed;

test("the descriptor that a generated module carries equals the parser's, comments apart", () => {
  const generatedKinds = (kinds["kindsFile"] as () => unknown)();
  const generatedOther = (other["thingsFile"] as () => { readonly dependencies: readonly unknown[] })();
  assert.deepEqual(plain(generatedKinds, ["comments"]), plain(kindsFile, ["comments"]));
  assert.deepEqual(plain(generatedOther, ["comments"]), plain(otherFile, ["comments"]));
  assert.equal(generatedOther.dependencies[0], generatedKinds);
});

test("each generated type has its own descriptor out of the file's", () => {
  const lid = other["Box_Lid"] as MessageType;
  assert.equal(lid.typeName, "other.things.Box.Lid");
  assert.equal(lid.descriptor.fullName, lid.typeName);
  assert.equal(lid.descriptor.parent, (other["Box"] as MessageType).descriptor);
  assert.equal((other["Box_State"] as EnumType).descriptor.fullName, "other.things.Box.State");
  assert.equal(
    lid.descriptor.fields[1]?.type.kind === "message" && lid.descriptor.fields[1].type.message,
    (kinds["Leaf"] as MessageType).descriptor,
  );
  assert.equal((kinds["Kinds"] as Service).descriptor?.fullName, "kinds.Kinds");
});

test("the descriptors of types defined in TypeScript equal the parser's of the same contract", () => {
  const find = (name: string): MessageDescriptor | undefined => kindsFile?.messages.find((one) => one.name === name);
  assert.deepEqual(plain(Leaf.descriptor), plain(find("Leaf")));
  assert.deepEqual(plain(Everything.descriptor), plain(find("Everything")));
  assert.deepEqual(plain(Color.descriptor), plain(kindsFile?.enums[0]));
  assert.deepEqual(plain(Kinds.descriptor), plain(kindsFile?.services[0]));
});
