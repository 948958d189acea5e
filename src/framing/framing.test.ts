// Conformance of all framings: every split, several messages in one read, empty and largest ones, an end at each byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Writer } from "../bytes/index.ts";
import { delimiter } from "./delimiter.ts";
import { fixedLength } from "./fixed-length.ts";
import { type Framing, FramingFault } from "./framing.ts";
import { type LengthHeaderKind, lengthHeader } from "./length-header.ts";

const maxMessageBytes = 300;

/** A framing, and what it can carry. */
interface Subject {
  readonly name: string;
  readonly framing: Framing;
  readonly message: fc.Arbitrary<Uint8Array>;
  readonly largest: number;
}

const anyMessage = fc.uint8Array({ maxLength: maxMessageBytes });
/** Messages full of what delimiters and escapes are made of. */
const nastyMessage = fc.oneof(
  anyMessage,
  fc.array(fc.constantFrom(0, 1, 2, 0x1b, 0x23, 0x24), { maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
);
const headers: readonly LengthHeaderKind[] = ["u8", "u16be", "u16le", "u32be", "u32le", "u64be", "u64le", "varint"];

const subjects: readonly Subject[] = [
  ...[1, 5].map((messageBytes) => ({
    name: `fixed length ${messageBytes}`,
    framing: fixedLength({ messageBytes }),
    message: fc.uint8Array({ minLength: messageBytes, maxLength: messageBytes }),
    largest: messageBytes,
  })),
  ...headers.map((header) => ({
    name: `length header ${header}`,
    framing: lengthHeader({ header, maxMessageBytes }),
    message: header === "u8" ? fc.uint8Array({ maxLength: 255 }) : anyMessage,
    largest: header === "u8" ? 255 : maxMessageBytes,
  })),
  ...["#", "##THE END##", "$$", new Uint8Array([0]), new Uint8Array([0x23, 0x1b, 0])].map((mark) => ({
    name: `delimiter ${typeof mark === "string" ? mark : mark.join()} escaped`,
    framing: delimiter({ delimiter: mark, inside: "escape", maxMessageBytes }),
    message: nastyMessage,
    largest: maxMessageBytes,
  })),
  {
    name: "delimiter ##THE END## rejected",
    framing: delimiter({ delimiter: "##THE END##", inside: "reject", maxMessageBytes }),
    message: anyMessage.map((bytes) => bytes.map((byte) => (byte === 0x23 ? 0 : byte))),
    largest: maxMessageBytes,
  },
];

function encodeAll(framing: Framing, messages: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer();
  for (const message of messages) framing.encode(message, writer);
  return writer.toBytes();
}

/** Reads `wire` cut at `cuts`, each piece in a buffer that is overwritten afterwards, as a socket's may be. */
function readAll(
  framing: Framing,
  wire: Uint8Array,
  cuts: readonly number[] = [],
): { messages: Uint8Array[]; fault: FramingFault | undefined; endFault: FramingFault | undefined } {
  const messages: Uint8Array[] = [];
  const reader = framing.createReader({
    onMessage: (bytes, start, end) => void messages.push(bytes.slice(start, end)),
  });
  let fault: FramingFault | undefined;
  let from = 0;
  for (const to of [...cuts, wire.length]) {
    const lent = new Uint8Array(to - from + 20).fill(0xaa);
    lent.set(wire.subarray(from, to), 7);
    fault = reader.receive(lent, 7, 7 + to - from) ?? fault;
    lent.fill(0x55);
    from = to;
  }
  return { messages, fault, endFault: reader.end() };
}

for (const { name, framing, message, largest } of subjects) {
  test(`F4: ${name}: messages arrive whole whatever the pieces, also byte by byte`, () => {
    const plan = fc.tuple(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 8 }));
    fc.assert(
      fc.property(plan, ([messages, marks]) => {
        const wire = encodeAll(framing, messages);
        const cuts = marks.map((at) => at % (wire.length + 1)).sort((one, other) => one - other);
        const everywhere = [...wire.keys()];
        for (const pieces of [[], cuts, everywhere]) {
          assert.deepEqual(readAll(framing, wire, pieces), { messages, fault: undefined, endFault: undefined });
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test(`F4: ${name}: cut at every position, two messages come out the same`, () => {
    const messages = fc.sample(message, { seed: 2, numRuns: 2 });
    const wire = encodeAll(framing, messages);
    for (let at = 0; at <= wire.length; at++) {
      assert.deepEqual(readAll(framing, wire, [at]), { messages, fault: undefined, endFault: undefined });
    }
  });

  test(`F1, F4: ${name}: an end between messages is clean, inside one it is a lost connection`, () => {
    const messages = fc.sample(message, { seed: 3, numRuns: 3 });
    const boundaries = messages.map((_, index) => encodeAll(framing, messages.slice(0, index + 1)).length);
    const wire = encodeAll(framing, messages);
    for (let length = 0; length <= wire.length; length++) {
      const { endFault, fault } = readAll(framing, wire.subarray(0, length));
      assert.equal(fault, undefined);
      const isBoundary = length === 0 || boundaries.includes(length);
      assert.equal(endFault?.code, isBoundary ? undefined : "connection-lost", `cut at ${length}`);
      if (!isBoundary) assert.match(endFault?.message ?? "", /connection is lost/);
    }
  });

  test(`F4: ${name}: the largest message passes, and one byte more cannot be encoded`, () => {
    const messages = [new Uint8Array(largest).fill(7)];
    assert.deepEqual(readAll(framing, encodeAll(framing, messages)).messages, messages);
    assert.throws(() => encodeAll(framing, [new Uint8Array(largest + 1)]), { name: "FramingError" });
  });

  test(`${name}: bytes of a peer never make the reader throw, and after a fault it takes nothing more`, () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), nastyMessage), (noise) => {
        const whole = readAll(framing, noise);
        const split = readAll(framing, noise, [...noise.keys()]);
        assert.equal(split.fault?.code, whole.fault?.code);
        assert.deepEqual(split.messages, whole.messages);
        if (whole.fault === undefined) return;
        assert.equal(whole.endFault, whole.fault);
        const reader = framing.createReader({ onMessage: () => {} });
        const fault = reader.receive(noise, 0, noise.length);
        const deaf = reader.receive(noise, 0, noise.length);
        assert.ok(fault instanceof FramingFault && fault === deaf);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
}
