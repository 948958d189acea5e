// Our protobuf against protobuf.js and protobuf-es, on random messages: each must read what the other writes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { FileDescriptor, MessageType } from "farcall/idl";
import fc from "fast-check";
import protobufjs from "protobufjs";
import { everything, everythingWithoutMaps } from "../support/marshal/arbitrary.ts";
import { createEsSchema } from "../support/marshal/es-schema.ts";
import { generateAndCompile, link } from "../support/marshal/generate.ts";
import { Everything, type EverythingInit, type EverythingValue, kindsProto } from "../support/marshal/kinds.ts";

const generated = await generateAndCompile("peers", { "kinds.proto": kindsProto }).load("kinds.proto");
const types = [
  { by: "built", type: Everything as MessageType<EverythingValue, EverythingInit> },
  { by: "generated", type: generated["Everything"] as MessageType<EverythingValue, EverythingInit> },
];

const root = protobufjs.parse(kindsProto, { keepCase: true }).root;
const pbjs = root.lookupType("kinds.Everything");
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("generated and built types write the same bytes and read the same messages", () => {
  fc.assert(
    fc.property(everything, (init) => {
      const [built, generated] = types.map(({ type }) => type.encode(init));
      assert.equal(hexOf(built as Uint8Array), hexOf(generated as Uint8Array));
      const [one, other] = types.map(({ type }) => type.decode(built as Uint8Array));
      assert.deepEqual(one, other);
      assert.deepEqual(
        types.map(({ type }) => type.create(init)).map((message) => types[0]?.type.encode(message)),
        [built, built],
      );
    }),
    { seed: 11, numRuns: 300 },
  );
});

const [file] = link({ "kinds.proto": kindsProto });
const schema = createEsSchema(file as FileDescriptor, "kinds.Everything");

for (const { by, type } of types) {
  test(`protobuf.js writes what it reads of ours to the same bytes (${by})`, () => {
    fc.assert(
      fc.property(everythingWithoutMaps, (init) => {
        const bytes = type.encode(init);
        assert.equal(hexOf(pbjs.encode(pbjs.decode(bytes)).finish()), hexOf(bytes));
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  test(`maps come through protobuf.js (${by})`, () => {
    fc.assert(
      fc.property(everything, (init) => {
        const bytes = type.encode(init);
        const through = pbjs.encode(pbjs.decode(bytes)).finish();
        assert.deepEqual(type.decode(through), type.decode(bytes));
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  test(`messages come through protobuf-es (${by})`, () => {
    fc.assert(
      fc.property(everything, (init) => {
        const bytes = type.encode(init);
        assert.deepEqual(type.decode(toBinary(schema, fromBinary(schema, bytes))), type.decode(bytes));
      }),
      { seed: 14, numRuns: 200 },
    );
  });

  test(`random bytes make decode throw a MarshalError, or nothing (${by})`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), everything, fc.nat(), (noise, init, at) => {
        const bytes = type.encode(init);
        const cut = at % (bytes.length + 1);
        for (const bad of [noise, new Uint8Array([...bytes.subarray(0, cut), ...noise, ...bytes.subarray(cut)])]) {
          try {
            type.encode(type.decode(bad));
          } catch (error) {
            assert.equal((error as Error).name, "MarshalError", String((error as Error).stack));
          }
        }
      }),
      { seed: 15, numRuns: 500 },
    );
  });
}
