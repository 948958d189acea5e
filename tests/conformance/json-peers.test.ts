// Our ProtoJSON against protobuf-es on random messages, and types of descriptors against generated ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFileRegistry, type DescMessage, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { FileDescriptor, MessageType } from "farcall/idl";
import { encodeFileDescriptor, type JsonValue, messageTypeOf, serviceOf, TypeRegistry } from "farcall/marshal";
import fc from "fast-check";
import { everything } from "../support/marshal/arbitrary.ts";
import { generateAndCompile, link } from "../support/marshal/generate.ts";
import { Everything, kindsProto } from "../support/marshal/kinds.ts";

const generated = await generateAndCompile("json", { "kinds.proto": kindsProto }).load("kinds.proto");
const [file] = link({ "kinds.proto": kindsProto }) as [FileDescriptor];
const fileProto = fromBinary(FileDescriptorProtoSchema, encodeFileDescriptor(file));
const schema = createFileRegistry(fileProto, () => undefined).getMessage("kinds.Everything") as DescMessage;
const descriptor = file.messages.find(({ name }) => name === "Everything") as (typeof file.messages)[number];
const dynamic = messageTypeOf(descriptor);
const types: readonly { readonly by: string; readonly type: MessageType }[] = [
  { by: "built", type: Everything as MessageType },
  { by: "generated", type: generated["Everything"] as MessageType },
  { by: "of a descriptor", type: dynamic },
];

const isWellFormed = (init: unknown): boolean => {
  const text = JSON.stringify(init, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value instanceof Map ? [...value] : value,
  );
  return !/\\ud[89a-f]/i.test(text);
};
const inits = everything.filter(isWellFormed);

for (const { by, type } of types) {
  test(`messages come back from JSON, as values and as text (${by})`, () => {
    fc.assert(
      fc.property(inits, (init) => {
        const bytes = type.encode(init);
        const message = type.decode(bytes);
        assert.deepEqual(type.fromJson(type.toJson(message)), message);
        assert.deepEqual(type.fromJsonString(type.toJsonString(message)), message);
        assert.deepEqual(type.toJson(init), type.toJson(message));
      }),
      { seed: 31, numRuns: 150 },
    );
  });

  test(`protobuf-es reads our JSON, and we read its (${by})`, () => {
    fc.assert(
      fc.property(inits, (init) => {
        const bytes = type.encode(init);
        const theirs = toJson(schema, fromBinary(schema, bytes)) as JsonValue;
        assert.deepEqual(type.fromJson(theirs), type.decode(bytes));
        const ours = type.toJson(init);
        assert.deepEqual(type.decode(toBinary(schema, fromJson(schema, ours as never))), type.decode(bytes));
      }),
      { seed: 32, numRuns: 150 },
    );
  });
}

test("types of descriptors write the bytes and make the messages of generated types", () => {
  const Generated = generated["Everything"] as MessageType;
  fc.assert(
    fc.property(everything, (init) => {
      const bytes = Generated.encode(init);
      assert.deepEqual(dynamic.encode(init), bytes);
      assert.deepEqual(dynamic.decode(bytes), Generated.decode(bytes));
      assert.deepEqual(Object.keys(dynamic.decode(bytes) as object), Object.keys(Generated.decode(bytes) as object));
    }),
    { seed: 33, numRuns: 150 },
  );
});

test("a registry gives one type for one descriptor, and finds types by name", () => {
  const registry = new TypeRegistry().addFiles([file]);
  const type = messageTypeOf(descriptor, registry);
  assert.equal(messageTypeOf(descriptor, registry), type);
  assert.equal(registry.findMessage("kinds.Everything"), type);
  assert.equal(type.descriptor, descriptor);
  assert.equal(registry.findMessage("kinds.None"), undefined);
  assert.equal(registry.addTypes([Everything as MessageType]).findMessage("kinds.Everything"), Everything);
});

test("a service of a descriptor has its methods, by the names that generated code gives them", () => {
  const registry = new TypeRegistry();
  const [kinds] = file.services as [(typeof file.services)[number]];
  const service = serviceOf(kinds, registry);
  assert.equal(serviceOf(kinds, registry), service);
  assert.equal(service.typeName, "kinds.Kinds");
  assert.deepEqual(
    Object.entries(service.methods).map(([name, { path, callKind, idempotency }]) => [
      name,
      path,
      callKind,
      idempotency,
    ]),
    [
      ["echo", "/kinds.Kinds/Echo", "unary", "no-side-effects"],
      ["watch", "/kinds.Kinds/Watch", "serverStream", "unknown"],
    ],
  );
  assert.equal(service.methods["echo"]?.input, registry.messageOf(descriptor));
  assert.equal(service.methods["echo"]?.descriptor, kinds.methods[0]);
});
