// Protobuf's binary format beyond proto3: groups, required fields, closed enums, defaults, extensions, message sets, by bytes.
// Each row runs on generated code and on types made of descriptors, which must not differ in anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FieldDescriptor, type FileDescriptor, linkFiles, printFile } from "farcall/idl";
import { getExtension, MarshalError, TypeRegistry } from "farcall/marshal";
import { featureRows } from "../support/marshal/feature-rows.ts";
import { type FeatureTypes, folder, messageWays, ways } from "../support/marshal/features.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const item = (id: number, name?: string) => ({ id, name });

test("generated code of proto2 and of edition 2023 passes the strictest compiler settings", () => {
  assert.equal(folder.complaints, "");
});

/** Sets what is not in `partial` as `create` does. */
const whole = (type: { create(init: object): object }, partial: object): object => type.create(partial);

for (const { by, message } of messageWays) {
  for (const { title, type: typeName = "old.Order", hex, read, written } of featureRows) {
    test(`${title} (${by})`, () => {
      const type = message(typeName);
      const decoded = type.decode(bytesOf(hex));
      assert.deepEqual(decoded, whole(type, read));
      assert.equal(hexOf(type.encode(decoded)), written ?? hex);
      assert.deepEqual(type.decode(type.encode(decoded)), decoded);
    });

    test(`${title}: cut bytes are refused or are shorter messages (${by})`, () => {
      const type = message(typeName);
      const bytes = bytesOf(hex);
      for (let end = 0; end < bytes.length; end++) {
        try {
          type.decode(bytes.subarray(0, end));
        } catch (error) {
          assert.ok(error instanceof MarshalError, String(error));
          assert.ok(["truncated", "missing-field"].includes(error.code), error.message);
        }
      }
    });
  }
}

interface Refused {
  readonly title: string;
  readonly hex: string;
  readonly code: string;
  readonly path: string;
  readonly type?: string;
}

const refused: readonly Refused[] = [
  {
    title: "a length that is cut, in groups that do not end",
    type: "late.Tree",
    hex: `${"0b".repeat(17)}f50b0b0b0b013a`,
    code: "truncated",
    path: `${"left.".repeat(17)}sized`,
  },
  { title: "a group that does not end", hex: "0b120141", code: "truncated", path: "place" },
  { title: "a group that ends under another number", hex: "0b14", code: "bad-group", path: "place" },
  { title: "a group that ends and was not begun", hex: "0c", code: "bad-group", path: "" },
  {
    title: "an end of the outer group in a message within it",
    hex: "0b22010c0c",
    code: "bad-group",
    path: "place.order",
  },
  {
    title: "an end of the outer group in an unknown group within it",
    hex: "0bcb3e0ccc3e0c",
    code: "bad-group",
    path: "place",
  },
  {
    title: "an end of the outer group in a map's entry",
    hex: "0b22034a010c0c",
    code: "bad-group",
    path: "place.order.byName",
  },
  { title: "a wrong field in a group in a group", hex: "0b1b0aff1c0c", code: "truncated", path: "place.inner.depth" },
  { title: "a string in a group that is not UTF-8", hex: "0b1201ff0c", code: "bad-text", path: "place.city" },
  {
    title: "groups within groups beyond the limit",
    hex: "0b".repeat(101),
    type: "late.Tree",
    code: "too-deep",
    path: `left${".left".repeat(100)}`,
  },
  { title: "a packed run of a closed enum that is cut", hex: "420580", code: "truncated", path: "packedGrades" },
  { title: "a missing required field", hex: "120161", type: "old.Item", code: "missing-field", path: "id" },
  { title: "a missing required field within", hex: "6a03120161", code: "missing-field", path: "one.id" },
  { title: "a missing required field in a list", hex: "72020801" + "7200", code: "missing-field", path: "many[1].id" },
  { title: "a missing required field in a list of groups", hex: "2b2c", code: "missing-field", path: "line[0].count" },
  { title: "a missing required field in a map", hex: "7a0408011200", code: "missing-field", path: "mapped[1].id" },
  {
    title: "a missing required field of a map's missing value",
    hex: "7a020801",
    code: "missing-field",
    path: "mapped[1].id",
  },
  { title: "a missing required field in a oneof", hex: "6200", code: "missing-field", path: "choice.value.id" },
  {
    title: "a missing required field of an edition",
    hex: "0b0c2001",
    type: "late.Tree",
    code: "missing-field",
    path: "left.needed",
  },
];

const notWritten: readonly { readonly value: object; readonly code: string; readonly path: string }[] = [
  { value: { one: {} }, code: "missing-field", path: "one.id" },
  { value: { many: [item(1), { name: "a" }] }, code: "missing-field", path: "many[1].id" },
  { value: { line: [{ count: 1 }, {}] }, code: "missing-field", path: "line[1].count" },
  { value: { choice: { kind: "item", value: {} } }, code: "missing-field", path: "choice.value.id" },
  { value: { mapped: new Map([[3, {}]]) }, code: "missing-field", path: "mapped[3].id" },
  { value: { place: { inner: { depth: "x" } } }, code: "wrong-type", path: "place.inner.depth" },
  { value: { place: new Date(0) }, code: "live-object", path: "place" },
  { value: { grade: 7 }, code: "unknown-name", path: "grade" },
  { value: { grades: ["HIGH", 7] }, code: "unknown-name", path: "grades[1]" },
];

for (const { by, message } of messageWays) {
  for (const { title, hex, code, path, type = "old.Order" } of refused) {
    test(`${title} is refused when it is read (${by})`, () => {
      assert.throws(
        () => message(type).decode(bytesOf(hex)),
        (error) => {
          assert.ok(error instanceof MarshalError, String(error));
          assert.deepEqual({ code: error.code, path: error.path }, { code, path });
          return true;
        },
      );
    });
  }
  for (const { value, code, path } of notWritten) {
    test(`${code} at ${path} is not written (${by})`, () => {
      assert.throws(
        () => message("old.Order").encode(value),
        (error) => {
          assert.ok(error instanceof MarshalError, String(error));
          assert.deepEqual({ code: error.code, path: error.path }, { code, path });
          return true;
        },
      );
    });
  }

  test(`a group that contains itself ends at the depth limit when it is written (${by})`, () => {
    const tree: { needed: number; left?: object } = { needed: 1 };
    tree.left = tree;
    assert.throws(() => message("late.Tree").encode(tree), { code: "too-deep" });
  });

  test(`a closed enum takes a known number (${by})`, () => {
    assert.equal(hexOf(message("old.Order").encode({ grade: 5 })), "3005");
  });
}

for (const { by, message } of ways) {
  test(`defaults are those declared, else zero (${by})`, () => {
    const { defaults } = message("old.Order");
    assert.deepEqual(defaults, {
      grade: "LOW",
      port: 80,
      host: "localhost",
      magic: bytesOf("0161"),
      big: -9007199254740993n,
      ratio: Number.POSITIVE_INFINITY,
      wanted: "HIGH",
      flag: true,
    });
    assert.equal(message("old.Order").decode(new Uint8Array(0)).port ?? defaults.port, 80);
  });
}

for (const { by, message, registry } of messageWays) {
  test(`whatever the bytes are, a message is read or a MarshalError is thrown (${by})`, () => {
    const outcomes = new Set<string>();
    const attempt = (task: () => void): void => {
      try {
        task();
        outcomes.add("read");
      } catch (error) {
        assert.ok(error instanceof MarshalError, String(error));
        outcomes.add(error.code);
      }
    };
    for (const { hex, type: typeName = "old.Order" } of featureRows) {
      const bytes = bytesOf(hex);
      for (let at = 0; at < bytes.length; at++) {
        // Among them start and end tags of the contract's groups, and lengths that are too great.
        for (const byte of [0, 0x0b, 0x0c, 0x13, 0x14, 0x2b, 0x2c, 0x5c, 0x7f, 0x80, 0xff, (bytes[at] as number) ^ 1]) {
          const damaged = bytes.slice();
          damaged[at] = byte;
          attempt(() => {
            const type = message(typeName);
            const read = type.decode(damaged);
            assert.ok(type.equals(type.decode(type.encode(read)), read));
            type.toJson(read, { types: registry });
          });
          for (const extension of registry.extensionsOf("old.Order")) {
            attempt(() => getExtension({ $unknown: damaged }, extension));
          }
        }
      }
    }
    for (const code of ["read", "truncated", "bad-group", "bad-tag", "missing-field"])
      assert.ok(outcomes.has(code), code);
  });
}

test("a contract written in TypeScript is one that a .proto could have", () => {
  const [, , built] = messageWays;
  const names = ["old.Item", "old.Line", "old.Place", "old.Order", "late.Tree"];
  const files = new Map<string, FileDescriptor>();
  const add = (file: FileDescriptor): void => {
    files.set(file.name, file);
    file.dependencies.forEach(add);
  };
  for (const name of names) add((built as FeatureTypes).message(name).descriptor.file);
  const texts = new Map([...files].map(([name, file]) => [name, printFile(file)]));
  const { files: linked, errors } = linkFiles([...texts.keys()], (path) => texts.get(path));
  assert.deepEqual(errors, []);
  const registry = new TypeRegistry().addFiles(linked);
  const [generated] = ways;
  const traits = (types: Pick<FeatureTypes, "message">, name: string) =>
    types.message(name).descriptor.fields.map((one: FieldDescriptor) => {
      const { number, packed, presence, required, delimited, type } = one;
      return { number, packed, presence, required, delimited, closed: type.kind === "enum" && type.enum.closed };
    });
  const relinked = { message: (name: string) => registry.findMessage(name) as ReturnType<FeatureTypes["message"]> };
  for (const name of names) assert.deepEqual(traits(relinked, name), traits(built as FeatureTypes, name));
  for (const name of ["old.Item", "old.Order", "late.Tree"]) {
    assert.deepEqual(traits(built as FeatureTypes, name), traits(generated as FeatureTypes, name));
  }
});
