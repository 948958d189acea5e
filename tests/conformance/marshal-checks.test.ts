// D9: what a type cannot hold is refused wherever it stands, with a code and the path to it: by types defined in TypeScript, by
// generated ones and by those made of descriptors; by encode, in JSON, in text format, and after `create`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { MarshalError, messageTypeOf, setExtension } from "farcall/marshal";
import {
  type AnyExtension,
  type AnyType,
  Checks,
  canBeMapped,
  checksProto,
  extensions,
  type Kind,
  kinds,
  localName,
} from "../support/marshal/check-kinds.ts";
import { generateAndCompile } from "../support/marshal/generate.ts";
import { Live, leafKind, wrongs } from "../support/marshal/wrong-values.ts";

const folder = generateAndCompile("checks", { "checks.proto": checksProto });
const generated = (await folder.load("checks.proto")) as Readonly<Record<string, unknown>>;
const types: readonly { readonly by: string; readonly type: AnyType; extension(name: string): AnyExtension }[] = [
  { by: "built", type: Checks, extension: (name) => extensions[name] as AnyExtension },
  { by: "generated", type: generated["Checks"] as AnyType, extension: (name) => generated[name] as AnyExtension },
  {
    by: "of a descriptor",
    type: messageTypeOf((generated["Checks"] as AnyType).descriptor),
    extension: (name) => generated[name] as AnyExtension,
  },
];

test("the generated contract passes the strictest compiler settings", () => {
  assert.equal(folder.complaints, "");
});

/** Where a value of a kind can stand. */
interface Place {
  readonly name: string;
  has(kind: Kind): boolean;
  /** A message with the value there. */
  put(kind: Kind, value: unknown): object;
  path(kind: Kind, value: unknown): string;
  /** Nothing there is nothing at all: undefined, and null where `create` and JSON take it so. */
  readonly mayLack?: boolean;
}

const property = (name: string): Pick<Place, "name" | "put" | "path"> => ({
  name,
  put: (kind, value) => ({ [localName(name, kind)]: value }),
  path: (kind) => localName(name, kind),
});
const list = (name: string): Place => ({
  name,
  has: () => true,
  put: (kind, value) => ({ [localName(name, kind)]: [kind.good, value] }),
  path: (kind) => `${localName(name, kind)}[1]`,
});
const places: readonly Place[] = [
  { ...property("one"), has: () => true, mayLack: true },
  { ...property("maybe"), has: () => true, mayLack: true },
  list("list"),
  list("loose"),
  {
    name: "map",
    has: canBeMapped,
    put: (kind, value) => ({ [localName("map", kind)]: new Map([["k", value]]) }),
    path: (kind) => `${localName("map", kind)}["k"]`,
  },
  {
    name: "keys",
    has: ({ key }) => key !== undefined,
    put: (kind, value) => ({ [localName("keys", kind)]: new Map([[value, "v"]]) }),
    path: (kind, value) => `${localName("keys", kind)}[${keyText(value)}]`,
  },
  {
    name: "pick",
    has: () => true,
    put: (kind, value) => ({ choice: { kind: localName("pick", kind), value } }),
    path: () => "choice.value",
  },
];

/** A place as JSON has it: a oneof's field stands for itself, a map is an object. */
function jsonAt(place: Place, kind: Kind, value: unknown): object {
  if (place.name === "pick") return { [localName("pick", kind)]: value };
  if (place.name === "map") return { [localName("map", kind)]: { k: value } };
  // Bytes are text in JSON.
  return place.put(kind.name === "bytes" ? { ...kind, good: "" } : kind, value);
}

/** A key in a path: what is no key by what it is, since objects have no one text. */
function keyText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  const maker = value.constructor as typeof value.constructor | undefined;
  return maker === undefined || maker === Object ? "an object" : `an instance of ${maker.name}`;
}

/** Properties that are wrong as a whole: a list that is none, a map, a oneof; and unknown fields that are no bytes. */
const wrongWholes: readonly { readonly value: object; readonly code: string; readonly path: string }[] = [
  ...["x", 5, true, {}, new Set([1]), Uint8Array.of(1), Uint32Array.of(1), { length: 1, 0: 1 }].flatMap((value) => [
    { value: { listInt32: value }, code: "wrong-type", path: "listInt32" },
    { value: { looseInt32: value }, code: "wrong-type", path: "looseInt32" },
    { value: { listLeaf: value }, code: "wrong-type", path: "listLeaf" },
  ]),
  ...["x", 5, true, [], [["a", 1]]].map((value) => ({
    value: { mapInt32: value },
    code: "wrong-type",
    path: "mapInt32",
  })),
  ...[new Set(), new WeakMap(), new Live(), () => 5, new Date(0)].map((value) => ({
    value: { mapInt32: value },
    code: "live-object",
    path: "mapInt32",
  })),
  ...["x", 5, true].map((value) => ({ value: { choice: value }, code: "wrong-type", path: "choice" })),
  ...[[], {}, { pickBool: true }, { kind: 5, value: 5 }, { pickBool: true, pickString: "a" }, Promise.resolve()].map(
    (value) => ({ value: { choice: value }, code: "wrong-type", path: "choice.kind" }),
  ),
  { value: { choice: { kind: "none", value: 5 } }, code: "unknown-kind", path: "choice.kind" },
  { value: { choice: { kind: "toString", value: 5 } }, code: "unknown-kind", path: "choice.kind" },
  { value: { choice: { kind: "pickBool" } }, code: "wrong-type", path: "choice.value" },
  { value: { choice: { kind: "pickBool", pickBool: true } }, code: "wrong-type", path: "choice.value" },
  { value: { self: { $unknown: "x" } }, code: "wrong-type", path: "self.$unknown" },
  { value: { keysInt32: { a: "b" } }, code: "wrong-type", path: 'keysInt32["a"]' },
  { value: { keysBool: { yes: "b" } }, code: "wrong-type", path: 'keysBool["yes"]' },
  { value: { keysUint32: { "-1": "b" } }, code: "out-of-range", path: "keysUint32[-1]" },
  { value: { keysString: { "\ud800": "b" } }, code: "lone-surrogate", path: 'keysString["\\ud800"]' },
  { value: { mapLeaf: { a: {}, b: [] } }, code: "wrong-type", path: 'mapLeaf["b"]' },
];

/** Places within messages. */
const depths: readonly { readonly put: (value: object) => object; readonly path: string }[] = [
  { put: (value) => value, path: "" },
  { put: (value) => ({ self: value }), path: "self." },
  { put: (value) => ({ selves: [{}, { byName: { "a b": { self: value } } }] }), path: 'selves[1].byName["a b"].self.' },
];

/** What is wrong with how `task` ended: nothing when it threw a `MarshalError` of that code at that path, or was to end well. */
function complaints(what: string, code: string | undefined, path: string, task: () => unknown): string[] {
  try {
    task();
  } catch (error) {
    if (!(error instanceof MarshalError)) return [`${what}: ${String(error)}`];
    const isExpected = error.code === code && error.path === path && error.message.startsWith(path);
    return isExpected ? [] : [`${what}: ${error.code} at ${error.path}, not ${code ?? "taken"} at ${path}`];
  }
  return code === undefined ? [] : [`${what}: it was taken, not ${code}`];
}

/** What must refuse a value that encode refuses. */
const ways: readonly { readonly way: string; run(type: AnyType, value: object): unknown }[] = [
  { way: "encode", run: (type, value) => type.encode(value) },
  { way: "toJson", run: (type, value) => type.toJson(value) },
  { way: "toText", run: (type, value) => type.toText(value) },
  { way: "create and encode", run: (type, value) => type.encode(type.create(value)) },
];

for (const { by, type, extension } of types) {
  for (const place of places) {
    for (const { way, run } of ways) {
      test(`${way}: a wrong value in the place "${place.name}" is refused with its path (${by})`, () => {
        const found = kinds.filter(place.has).flatMap((kind) => {
          run(type, place.put(kind, kind.good));
          return wrongs.flatMap(({ title, value, code }) => {
            const lacks = place.mayLack === true && (value === undefined || (value === null && way !== "encode"));
            const expected = lacks ? undefined : code(kind);
            const what = `${title} for ${kind.name}`;
            return complaints(what, expected, place.path(kind, value), () => run(type, place.put(kind, value)));
          });
        });
        assert.deepEqual(found, []);
      });
    }
  }

  test(`fromJson: a wrong value is refused with its path (${by})`, () => {
    const asJson = wrongs.filter(({ value }) =>
      typeof value === "number" ? Number.isFinite(value) : !["bigint", "string", "boolean"].includes(typeof value),
    );
    const found = places.flatMap((place) =>
      place.name === "keys"
        ? []
        : kinds.filter(place.has).flatMap((kind) =>
            asJson.flatMap(({ title, value, code }) => {
              const json = jsonAt(place, kind, value);
              const lacks = (value === null || value === undefined) && !/^(list|loose|map)$/.test(place.name);
              const isBytes = kind.name === "bytes" && value instanceof Uint8Array;
              const expected = lacks ? undefined : isBytes ? "wrong-type" : code(kind);
              const what = `${title} for ${kind.name} in ${place.name}`;
              return complaints(what, expected, place.path(kind, value), () => type.fromJson(json as never));
            }),
          ),
    );
    assert.deepEqual(found, []);
  });

  test(`what is no list, no map and no oneof is refused with its path, at every depth (${by})`, () => {
    const found = ways.flatMap(({ way, run }) =>
      wrongWholes.flatMap(({ value, code, path }) =>
        depths.flatMap((depth) => {
          const whole = depth.put(value);
          return complaints(`${way}, ${inspect(whole)}`, code, depth.path + path, () => run(type, whole));
        }),
      ),
    );
    assert.deepEqual(found, []);
  });

  test(`what is no message is refused, at the top too (${by})`, () => {
    const found = [...ways, { way: "create", run: (_: AnyType, value: unknown) => type.create(value) }].flatMap(
      ({ way, run }) =>
        wrongs.flatMap(({ title, value, code }) => {
          // Without an argument it makes an empty message.
          const expected = way.startsWith("create") && value === undefined ? undefined : code(leafKind);
          return complaints(`${way}, ${title}`, expected, "", () => run(type, value as object));
        }),
    );
    assert.deepEqual(found, []);
  });

  test(`create refuses live objects where messages, lists and maps stand, with their path (${by})`, () => {
    const found = [
      ...wrongWholes.filter(({ path }) => /^(list|loose|map|choice$)/.test(path)),
      { value: { oneLeaf: new Live() }, code: "live-object", path: "oneLeaf" },
      { value: { listLeaf: [{}, new Date(0)] }, code: "live-object", path: "listLeaf[1]" },
      { value: { choice: { kind: "pickGroup", value: () => 5 } }, code: "live-object", path: "choice.value" },
    ].flatMap(({ value, code, path }) =>
      depths.flatMap((depth) => complaints(path, code, depth.path + path, () => type.create(depth.put(value)))),
    );
    assert.deepEqual(found, []);
  });

  test(`a value that contains itself is refused wherever it does (${by})`, () => {
    const loops: readonly ((own: object) => object)[] = [
      (own) => ({ self: own }),
      (own) => ({ selves: [{}, own] }),
      (own) => ({ byName: new Map([["a", own]]) }),
      (own) => ({ byName: { a: own } }),
      (own) => ({ choice: { kind: "pickLeaf", value: { next: own } } }),
      (own) => ({ oneGroup: { next: own } }),
    ];
    for (const { way, run } of ways) {
      for (const loop of loops) {
        const own = {};
        const value = Object.assign(own, loop(own), { next: own });
        assert.throws(() => run(type, value), { name: "MarshalError", code: "too-deep" }, way);
      }
    }
  });

  test(`properties that a type lacks are passed over, and a proxy of data is data (${by})`, () => {
    const bytes = type.encode({ oneInt32: 5 });
    assert.deepEqual(type.encode({ oneInt32: 5, other: new Live(), one_int32: 7 }), bytes);
    assert.deepEqual(type.encode(new Proxy({ oneInt32: 5 }, {})), bytes);
    assert.deepEqual(type.encode(type.create({ oneInt32: 5, other: () => 5 })), bytes);
  });

  test(`merge, equals and clone refuse what create refuses, and change no foreign object (${by})`, () => {
    const live = new Live();
    for (const value of [{ oneLeaf: live }, { listInt32: 5 }, { mapInt32: [] }, { choice: "x" }]) {
      assert.throws(() => type.clone(value), { name: "MarshalError" });
      assert.throws(() => type.equals({}, value), { name: "MarshalError" });
      assert.throws(() => type.merge(type.create(), value), { name: "MarshalError" });
      assert.throws(() => type.encode(value, { deterministic: true }), { name: "MarshalError" });
    }
    const foreign = Object.assign(new Live(), { bytes: Uint8Array.of(1) });
    const { bytes } = foreign;
    type.clone({ oneString: foreign });
    assert.equal(foreign.bytes, bytes);
    const own: { own?: object } = {};
    own.own = own;
    assert.throws(() => type.clone({ oneString: own }), { name: "MarshalError", code: "too-deep" });
  });

  test(`an extension that cannot hold a value is refused with its name, and nothing is set (${by})`, () => {
    const message = type.create();
    const found = kinds.flatMap((kind) => {
      const one = extension(localName("ext", kind));
      const many = extension(localName("exts", kind));
      return wrongs.flatMap(({ title, value, code }) => {
        const expected = code(kind);
        if (expected === undefined) return [];
        const what = `${title} for ${kind.name}`;
        const path = `[${one.typeName}]`;
        const listPath = `[${many.typeName}][1]`;
        return [
          ...complaints(what, expected, path, () => setExtension(message, one, value)),
          ...complaints(what, expected, listPath, () => setExtension(message, many, [kind.good, value])),
        ];
      });
    });
    assert.deepEqual(found, []);
    assert.equal(message.$unknown, undefined);
  });
}
