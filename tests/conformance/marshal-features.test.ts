// Protobuf's binary format beyond proto3: groups, required fields, closed enums, defaults, extensions, message sets, by bytes.
// Each row runs on generated code and on types made of descriptors, which must not differ in anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clearExtension, getExtension, hasExtension, MarshalError, setExtension } from "farcall/marshal";
import { folder, ways } from "../support/marshal/features.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const item = (id: number, name?: string) => ({ id, name });

test("generated code of proto2 and of edition 2023 passes the strictest compiler settings", () => {
  assert.equal(folder.complaints, "");
});

interface Row {
  readonly title: string;
  readonly hex: string;
  /** Only the fields that are set. */
  readonly read: object;
  /** Default "old.Order". */
  readonly type?: string;
  /** What is written of it. Default: `hex`. */
  readonly written?: string;
}

const rows: readonly Row[] = [
  { title: "an empty group", hex: "0b0c", read: { place: { city: undefined, inner: undefined, order: undefined } } },
  {
    title: "a group within a group of another number",
    hex: "0b" + "12024142" + "1b" + "0805" + "1c" + "0c",
    read: { place: { city: "AB", inner: { depth: 5 }, order: undefined } },
  },
  {
    title: "a group within a message within a group of the same number",
    hex: "0b" + "2204" + "3005" + "3005" + "0c",
    read: { place: { city: undefined, inner: undefined, order: { grade: "HIGH" } } },
    written: "0b" + "2202" + "3005" + "0c",
  },
  {
    title: "a group that comes twice is merged",
    hex: "0b1201410c" + "0b1b08011c0c" + "0b1b1c0c",
    read: { place: { city: "A", inner: { depth: 1 }, order: undefined } },
    written: "0b120141" + "1b08011c" + "0c",
  },
  {
    title: "unknown fields and groups within a group are kept in it",
    hex: `0bc03e01${"cb3e08010bcc3e".replace("0b", "")}0c`,
    read: {
      place: { city: undefined, inner: undefined, order: undefined, $unknown: bytesOf("c03e01cb3e0801cc3e") },
    },
  },
  { title: "a list of groups", hex: "2b08012c2b08022c", read: { line: [{ count: 1 }, { count: 2 }] } },
  {
    title: "a group in a oneof, merged",
    hex: "5b0a01615c" + "5b5c",
    read: { choice: { kind: "nested", value: { text: "a" } } },
    written: "5b0a01615c",
  },
  {
    title: "a length where a group is declared is an unknown field",
    hex: "0a021241",
    read: { $unknown: bytesOf("0a021241") },
  },
  { title: "a known number of a closed enum", hex: "30ffffffffffffffffff01", read: { grade: "LOW" } },
  { title: "a number with two names is read by the first", hex: "3005", read: { grade: "HIGH" } },
  { title: "a number that a closed enum lacks is an unknown field", hex: "3007", read: { $unknown: bytesOf("3007") } },
  {
    title: "a number that a closed enum lacks leaves the value that came before",
    hex: "30053007",
    read: { grade: "HIGH", $unknown: bytesOf("3007") },
  },
  {
    title: "in a list only the unknown elements are unknown fields, as they came",
    hex: "3805" + "38878000" + "38ffffffffffffffffff01",
    read: { grades: ["HIGH", "LOW"], $unknown: bytesOf("38878000") },
    written: "3805" + "38ffffffffffffffffff01" + "38878000",
  },
  {
    title: "in a packed run each unknown element is an unknown field",
    hex: "4205" + "05" + "8700" + "05" + "08",
    read: { packedGrades: ["HIGH", "HIGH"], $unknown: bytesOf("4087004008") },
    written: "42020505" + "408700" + "4008",
  },
  {
    title: "a packed run where a list is declared, and the other way round",
    hex: "3a020507" + "4005" + "4006",
    read: { grades: ["HIGH"], packedGrades: ["HIGH"], $unknown: bytesOf("38074006") },
    written: "3805" + "420105" + "38074006",
  },
  {
    title: "a map's entry whose value the enum lacks is an unknown field, whole",
    hex: "4a050a01611005" + "4a050a01621007",
    read: { byName: new Map([["a", "HIGH"]]), $unknown: bytesOf("4a050a01621007") },
  },
  {
    title: "a map's entry without value has the enum's first",
    hex: "4a030a0161",
    read: { byName: new Map([["a", "LOW"]]) },
    written: "4a0e0a016110ffffffffffffffffff01",
  },
  {
    title: "a oneof's enum with an unknown number leaves the oneof alone",
    hex: "5005" + "5007",
    read: { choice: { kind: "chosen", value: "HIGH" }, $unknown: bytesOf("5007") },
  },
  { title: "a field with a declared default is not set", hex: "", read: {} },
  {
    title: "a declared default that is set is written",
    hex: "8001508a0109" + "6c6f63616c686f7374",
    read: { port: 80, host: "localhost" },
  },
  {
    title: "required fields of a message that comes in parts",
    hex: "6a03120161" + "6a020805",
    read: { one: item(5, "a") },
    written: "6a050805120161",
  },
  {
    title: "repeated numbers of proto2 are written one by one, and read packed",
    hex: "ba01020102",
    read: { numbers: [1, 2] },
    written: "b80101b80102",
  },
  {
    title: "delimited by a feature, at any depth, also without length to merge",
    type: "late.Tree",
    hex: "0b" + "0b" + "2001" + "0c" + "2002" + "0c" + "13" + "2003" + "14" + "2004",
    read: { left: { left: { needed: 1 }, needed: 2 }, right: [{ needed: 3 }], needed: 4 },
  },
  {
    title: "the values of a map keep their length",
    type: "late.Tree",
    hex: "2001" + "2a070a0161" + "12022002",
    read: { needed: 1, named: new Map([["a", { needed: 2 }]]) },
  },
  {
    title: "messages of another file, delimited and with a length",
    type: "late.Tree",
    hex: "2001" + "3308053" + "4" + "3a020806" + "4308074" + "4",
    read: { needed: 1, item: item(5), sized: item(6), choice: { kind: "far", value: item(7) } },
  },
];

/** Sets what is not in `partial` as `create` does. */
const whole = (type: { create(init: object): object }, partial: object): object => type.create(partial);

for (const { by, message } of ways) {
  for (const { title, type: typeName = "old.Order", hex, read, written } of rows) {
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

for (const { by, message } of ways) {
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

interface ExtensionRow {
  readonly name: string;
  readonly value: unknown;
  readonly hex: string;
  /** Default "old.Order". */
  readonly of?: string;
  /** Other bytes that mean the same. */
  readonly also?: readonly string[];
}

const extensionRows: readonly ExtensionRow[] = [
  { name: "old.weight", value: 5, hex: "a00605", also: ["a00604a00605"] },
  { name: "old.extra", value: item(5, "a"), hex: "aa06050805120161", also: ["aa0603120161" + "aa06020805"] },
  { name: "old.marks", value: [-1, 1], hex: "b00601b00602", also: ["b206020102", "b00601b2060102"] },
  { name: "old.packed_marks", value: [1, 2], hex: "ba06020102", also: ["b80601b80602"] },
  { name: "old.mood", value: "LOW", hex: "c006ffffffffffffffffff01" },
  { name: "old.moods", value: ["HIGH"], hex: "c80605", also: ["c80607c80605", "ca06020705"] },
  { name: "old.bag", value: { color: "a" }, hex: "d3060a0161d406", also: ["d306d406d3060a0161d406"] },
  { name: "old.tags", value: ["a", ""], hex: "da060161da0600" },
  { name: "old.Holder.note", value: "", hex: "f20600" },
  {
    name: "old.Member.member",
    of: "old.Set",
    value: { text: "a" },
    hex: "0b10e8071a030a01610c",
    also: ["0b1a030a016110e8070c", "0b10e8071a000c0b10e8071a030a01610c"],
  },
];

for (const { by, message, extension } of ways) {
  for (const { name, value, hex, also = [], of = "old.Order" } of extensionRows) {
    test(`extension ${name} is set, read, written and cleared (${by})`, () => {
      const type = message(of);
      const known = extension(name);
      const other = bytesOf("f83e01");
      const holder = type.create({ $unknown: other });
      assert.equal(hasExtension(holder, known), false);
      assert.deepEqual(getExtension(holder, known), Array.isArray(value) ? [] : undefined);
      setExtension(holder, known, value);
      assert.equal(hexOf(type.encode(holder)), `f83e01${hex}`);
      setExtension(holder, known, value);
      assert.equal(hexOf(type.encode(holder)), `f83e01${hex}`);
      const read = type.decode(type.encode(holder));
      assert.equal(hasExtension(read, known), true);
      assert.deepEqual(getExtension(read, known), value);
      clearExtension(read, known);
      assert.deepEqual(read, type.create({ $unknown: other }));
      clearExtension(read, known);
      for (const bytes of also) assert.deepEqual(getExtension(type.decode(bytesOf(bytes)), known), value);
    });
  }

  test(`an extension's default is what is declared, else zero (${by})`, () => {
    const names = ["old.weight", "old.extra", "old.marks", "old.mood", "old.Holder.note"];
    assert.deepEqual(
      names.map((name) => extension(name).default),
      [7, undefined, undefined, "LOW", ""],
    );
  });

  test(`a value that an extension cannot hold changes nothing (${by})`, () => {
    const holder = { $unknown: bytesOf("a00605") };
    for (const value of ["x", 1.5, undefined, null]) {
      assert.throws(() => setExtension(holder, extension("old.weight"), value), { path: "[old.weight]" });
    }
    assert.throws(() => setExtension(holder, extension("old.extra"), { id: "x" }), { path: "[old.extra].id" });
    assert.throws(() => setExtension(holder, extension("old.tags"), ["", 5]), { path: "[old.tags][1]" });
    assert.throws(() => setExtension(holder, extension("old.tags"), undefined), { code: "wrong-type" });
    assert.deepEqual(holder, { $unknown: bytesOf("a00605") });
    assert.throws(() => setExtension(5 as never, extension("old.weight"), 5), { code: "wrong-type" });
  });

  test(`bytes that are not the extension's are refused when it is read (${by})`, () => {
    const at = (hex: string, name: string) => () => getExtension({ $unknown: bytesOf(hex) }, extension(name));
    assert.throws(at("aa0603120161", "old.extra"), { code: "missing-field", path: "[old.extra].id" });
    assert.throws(at("aa06021205", "old.extra"), { name: "MarshalError", code: "truncated", path: "[old.extra]" });
    assert.throws(at("da0601ff", "old.tags"), { name: "MarshalError", code: "bad-text", path: "[old.tags]" });
    assert.throws(at("ff", "old.tags"), { name: "MarshalError", code: "truncated" });
    assert.equal(getExtension({ $unknown: bytesOf("a2060161") }, extension("old.weight")), undefined);
  });
}

test("a registry tells the extensions of a message", () => {
  for (const { registry } of ways) {
    const names = registry.extensionsOf("old.Order").map(({ typeName }) => typeName);
    assert.equal(names.length, 10);
    assert.ok(names.includes("old.Holder.note"));
    assert.deepEqual(
      registry.extensionsOf("old.Set").map(({ typeName }) => typeName),
      ["old.Member.member"],
    );
    assert.deepEqual(registry.extensionsOf("none"), []);
    assert.equal(registry.findExtension("none"), undefined);
  }
});
