// Contracts at random, written with the builder: printed, they are files that link, and that say the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bool,
  bytes,
  double,
  enumeration,
  enumValue,
  extend,
  type FileDescriptor,
  type FileOptions,
  field,
  file,
  fixed32,
  int64,
  linkFiles,
  map,
  message,
  oneof,
  option,
  optional,
  optionsOf,
  printFile,
  repeated,
  required,
  type Said,
  string,
} from "farcall/idl";
import fc from "fast-check";
import { plainDescriptor } from "../support/marshal/plain-descriptor.ts";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { compareDescriptors, readDescriptors } from "../support/protoc/compare-descriptors.ts";
import { judgeTexts } from "../support/protoc/protoc.ts";
import { resolveFrom } from "./idl-refused.ts";

const python = findPeer("python");

// biome-ignore lint/suspicious/noExplicitAny: fields are put together as the test runs
type Any = any;

const Level = enumeration("options.Level", { LOW: 0, HIGH: 1 });
const Note = message("options.Note", {
  text: string(1),
  raw: bytes(2),
  level: field(Level, 3),
  numbers: repeated(double(4)),
  inner: map(string, int64(5)),
  pick: oneof({ yes: bool(6), no: string(7) }),
});
const note = extend(optionsOf.field, "options.note", field(Note, 50_001));
const words = extend(optionsOf.message, "options.words", repeated(string(50_001)));
const rank = extend(optionsOf.enumValue, "options.rank", double(50_001));
const optionsFile = file("options.proto", [note, words, rank, Note, Level]);
const optionsText = printFile(optionsFile.descriptor);

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const line = fc.constantFrom("A line.", "", "  indented", "*/ /* // \\", 'a "quote"', "é\t§ x");
const said: fc.Arbitrary<Said> = fc.record(
  {
    doc: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n")),
    deprecated: fc.constant(true),
  },
  { requiredKeys: [] },
);
const notes = fc.record(
  {
    text,
    raw: fc.uint8Array({ maxLength: 6 }),
    level: fc.constantFrom("LOW", "HIGH"),
    numbers: fc.array(fc.double(), { maxLength: 3 }),
    inner: fc.dictionary(text, integer, { maxKeys: 2 }),
    pick: fc.oneof(
      fc.record({ kind: fc.constant("yes"), value: fc.boolean() }),
      fc.record({ kind: fc.constant("no"), value: text }),
    ),
  },
  { requiredKeys: [] },
);

/** Kinds of fields, with what their defaults can be. */
const kinds = {
  fixed32: { make: fixed32, value: fc.nat() },
  int64: { make: int64, value: integer },
  double: { make: double, value: fc.double() },
  string: { make: string, value: text },
  bytes: { make: bytes, value: fc.uint8Array({ maxLength: 6 }) },
  bool: { make: bool, value: fc.boolean() },
} as const;
const places = ["one", "optional", "required", "list", "loose", "map", "member"] as const;

const fieldPlan = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]), "enum" as const, "message" as const),
    place: fc.constantFrom(...places),
    base: said,
    note: fc.option(notes),
    jsonName: fc.option(fc.stringMatching(/^[a-z ]{1,6}$/)),
    delimited: fc.boolean(),
    hasDefault: fc.boolean(),
  })
  .chain((plan) =>
    (plan.kind === "enum" || plan.kind === "message" ? fc.constant(undefined) : (kinds[plan.kind].value as Any)).map(
      (value: unknown) => ({ ...plan, value }),
    ),
  );
type FieldPlan = typeof fieldPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

const contract = fc.record({
  fields: fc.array(fieldPlan as fc.Arbitrary<Any>, { maxLength: 8 }),
  of: said,
  words: fc.array(text, { maxLength: 2 }),
  closed: fc.boolean(),
  values: fc.array(fc.tuple(said, fc.option(fc.double())), { minLength: 1, maxLength: 3 }),
  nests: fc.boolean(),
  reserves: fc.boolean(),
  features: fc.option(
    fc.record(
      {
        fieldPresence: fc.constantFrom("EXPLICIT", "IMPLICIT"),
        enumType: fc.constantFrom("OPEN", "CLOSED"),
        repeatedFieldEncoding: fc.constantFrom("PACKED", "EXPANDED"),
        messageEncoding: fc.constantFrom("LENGTH_PREFIXED", "DELIMITED"),
        jsonFormat: fc.constantFrom("ALLOW", "LEGACY_BEST_EFFORT"),
      },
      { requiredKeys: [] },
    ),
  ),
});
type ContractPlan = typeof contract extends fc.Arbitrary<infer Plan> ? Plan : never;

function makeField(plan: FieldPlan & Any, number: number, types: Readonly<Record<"enum" | "message", Any>>): Any {
  const { kind, place, base, note: noted, jsonName, delimited, hasDefault, value } = plan;
  const takesDefault = hasDefault && value !== undefined && (place === "optional" || place === "required");
  const options = {
    ...base,
    ...(jsonName === null ? {} : { jsonName: `${jsonName}${number}` }),
    ...(noted === null ? {} : { options: [option(note, noted), { debug_redact: true }] }),
    ...(takesDefault ? { default: value } : {}),
    ...(kind === "message" && place !== "map" ? { delimited } : {}),
  };
  const inner =
    kind in types ? field(types[kind as "enum"], number, options) : (kinds as Any)[kind].make(number, options);
  if (place === "list") return repeated(inner);
  if (place === "loose") return repeated(inner, { packed: false });
  if (place === "map") return map(string, inner);
  if (place === "required") return required(inner);
  // A field of a closed enum knows its presence.
  return place === "optional" || (place === "one" && kind === "enum" && types.enum.closed) ? optional(inner) : inner;
}

function makeFile(plan: ContractPlan) {
  const values = plan.values.map(([of, ranked], index): [string, Any] => [
    `V${index}`,
    enumValue(index, ranked === null ? of : { ...of, options: option(rank, ranked) }),
  ]);
  const owner = plan.nests ? "test.Whole." : "test.";
  const Kind = enumeration(`${owner}Kind`, Object.fromEntries(values), { closed: plan.closed } as { closed: true });
  const Part = message(`${owner}Part`, { a: string(1) }, plan.of);
  const types = { enum: Kind, message: Part };
  const made = plan.fields.map((one: FieldPlan & Any, index) => [
    one.place,
    `f${index}`,
    makeField(one, index + 1, types),
  ]);
  const members = Object.fromEntries(made.filter(([place]) => place === "member").map(([, name, one]) => [name, one]));
  const others = Object.fromEntries(made.filter(([place]) => place !== "member").map(([, name, one]) => [name, one]));
  const Whole = message(
    "test.Whole",
    {
      ...others,
      ...(Object.keys(members).length === 0
        ? {}
        : { pick: oneof(members, plan.of.doc === undefined ? {} : { doc: plan.of.doc }) }),
    },
    {
      ...plan.of,
      options: plan.words.map((word) => option(words, [word])),
      ...(plan.nests ? { nested: [Kind, Part] } : {}),
      ...(plan.reserves ? { reserved: { numbers: [50, [60, 70]], names: ["gone"] } } : {}),
    },
  );
  const holdsClosed = plan.closed && plan.fields.some(({ kind, place }) => kind === "enum" && place === "map");
  const { fieldPresence, ...features } = plan.features ?? {};
  const presence = fieldPresence === undefined || holdsClosed ? {} : { fieldPresence };
  const options: FileOptions = {
    ...plan.of,
    imports: [optionsFile],
    ...(plan.features === null ? {} : { features: { ...features, ...presence } as Any }),
  };
  return file("test.proto", plan.nests ? [Whole] : [Whole, Kind, Part], options);
}

/** What a field's descriptor must say, by what was meant, and not by the words that the file has for it. */
function meantBy({ kind, place, delimited, hasDefault, value }: FieldPlan & Any, closed: boolean): object {
  const isList = place === "list" || place === "loose";
  const knows = ["optional", "required", "member"].includes(place) || kind === "message" || (kind === "enum" && closed);
  return {
    presence: !isList && place !== "map" && knows ? "explicit" : "implicit",
    required: place === "required",
    packed: place === "list" && !["string", "bytes", "message"].includes(kind),
    delimited: kind === "message" && place !== "map" && delimited,
    default: hasDefault && (place === "optional" || place === "required") ? value : undefined,
  };
}

const seed = 20_261_125;

test("whatever a contract says, its .proto says the same", () => {
  fc.assert(
    fc.property(contract, (plan) => {
      const { descriptor } = makeFile(plan);
      const whole = descriptor.messages.find(({ name }) => name === "Whole");
      for (const { name, presence, required = false, packed, delimited, default: value } of whole?.fields ?? []) {
        const meant = meantBy(plan.fields[Number(name.slice(1))], plan.closed);
        assert.deepEqual({ presence, required, packed, delimited, default: value }, meant, name);
      }
      const printed = printFile(descriptor);
      const resolve = resolveFrom({ "test.proto": printed, "options.proto": optionsText });
      const { files, errors } = linkFiles(["test.proto"], resolve);
      assert.deepEqual(
        errors.map((error) => error.format()),
        [],
        printed,
      );
      assert.deepEqual(plainDescriptor(files[0], []), plainDescriptor(descriptor, []), printed);
    }),
    { numRuns: 120, seed },
  );
});

test("protoc takes them, and makes the same descriptors of them", async (t) => {
  if (!needsPeer(python, t)) return;
  const files = fc.sample(contract, { numRuns: 40, seed }).map((plan) => makeFile(plan).descriptor);
  const verdicts = await judgeTexts(
    python,
    files.map((one) => ({ "test.proto": printFile(one), "options.proto": optionsText })),
  );
  for (const [index, { accepted, output, descriptors }] of verdicts.entries()) {
    const one = files[index] as FileDescriptor;
    assert.ok(accepted && descriptors !== undefined, `${printFile(one)}\n${output}`);
    const theirs = readDescriptors(descriptors).filter(({ name }) => name === "test.proto");
    assert.deepEqual(compareDescriptors(theirs, [one]), [], printFile(one));
  }
});
