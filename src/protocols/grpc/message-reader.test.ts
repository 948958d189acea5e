// Tests of messages out of a body: the same messages however the body is cut, and faults told once.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isWholeMessage, type MessageFault, MessageReader } from "./message-reader.ts";

const maxBytes = 100_000;

/** What a reader told, in order. */
type Told = readonly number[] | MessageFault;

function framed(payload: Uint8Array, flag = 0, length = payload.length): Uint8Array {
  const bytes = new Uint8Array(5 + payload.length);
  bytes[0] = flag;
  new DataView(bytes.buffer).setUint32(1, length);
  bytes.set(payload, 5);
  return bytes;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Reads a body in the given pieces, each lent from within a larger buffer that is spoilt afterwards. */
function read(pieces: readonly Uint8Array[], limit = maxBytes): { told: Told[]; inMessage: boolean } {
  const told: Told[] = [];
  const reader = new MessageReader(
    {
      onMessage: (bytes, start, end) => void told.push([...bytes.subarray(start, end)]),
      onMessageFault: (fault) => void told.push(fault),
      takes: () => true,
      onPart: () => true,
    },
    { maxBytes: limit, compressor: undefined },
  );
  for (const piece of pieces) {
    const lent = concat(Uint8Array.of(9, 9), piece, Uint8Array.of(9));
    reader.receive(lent, 2, lent.length - 1);
    lent.fill(0xee);
  }
  return { told, inMessage: reader.inMessage };
}

function everyCut(body: Uint8Array): Uint8Array[][] {
  const cuts = [[body], [...body].map((byte) => Uint8Array.of(byte))];
  for (let at = 0; at <= body.length; at++) cuts.push([body.subarray(0, at), body.subarray(at)]);
  return cuts;
}

const bodies: readonly (readonly [name: string, body: Uint8Array, told: readonly Told[]])[] = [
  ["nothing", new Uint8Array(0), []],
  ["an empty message", framed(new Uint8Array(0)), [[]]],
  ["one message", framed(Uint8Array.of(1, 2, 3)), [[1, 2, 3]]],
  [
    "three messages",
    concat(framed(Uint8Array.of(1)), framed(new Uint8Array(0)), framed(Uint8Array.of(2, 3))),
    [[1], [], [2, 3]],
  ],
  ["a compressed one", framed(Uint8Array.of(1), 1), [{ kind: "bad-flag", flag: 1 }]],
  ["a flag that is none", framed(Uint8Array.of(1), 255), [{ kind: "bad-flag", flag: 255 }]],
  [
    "a good and a bad one",
    concat(framed(Uint8Array.of(7)), framed(Uint8Array.of(1), 2)),
    [[7], { kind: "bad-flag", flag: 2 }],
  ],
  ["one too large", framed(Uint8Array.of(1), 0, maxBytes + 1), [{ kind: "too-large", length: maxBytes + 1 }]],
  [
    "the largest length there is",
    framed(new Uint8Array(0), 0, 0xffffffff),
    [{ kind: "too-large", length: 0xffffffff }],
  ],
  ["HTML", new TextEncoder().encode("<html>"), [{ kind: "bad-flag", flag: 0x3c }]],
];

for (const [name, body, expected] of bodies) {
  test(`${name} is read the same whole, byte by byte and cut at every position`, () => {
    const wholly = read([body]).inMessage;
    for (const pieces of everyCut(body)) assert.deepEqual(read(pieces), { told: expected, inMessage: wholly });
  });
}

test("a body that ends early is within a message unless it ends between two", () => {
  const body = concat(framed(Uint8Array.of(1, 2)), framed(Uint8Array.of(3)));
  for (let end = 0; end <= body.length; end++) {
    const { told, inMessage } = read([body.subarray(0, end)]);
    assert.equal(told.length, end < 7 ? 0 : end < body.length ? 1 : 2);
    assert.equal(inMessage, end !== 0 && end !== 7 && end !== body.length, `cut at ${end}`);
  }
});

test("the limit itself is taken, one byte more is not, and memory is taken only as bytes come", () => {
  for (const length of [maxBytes - 1, maxBytes]) {
    const [message] = read([framed(new Uint8Array(length).fill(5))]).told;
    assert.equal((message as readonly number[]).length, length);
  }
  assert.deepEqual(read([framed(new Uint8Array(3), 0, maxBytes + 1)]).told, [
    { kind: "too-large", length: maxBytes + 1 },
  ]);
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 1000 }, () => {
    const reader = new MessageReader(
      { onMessage() {}, onMessageFault() {}, takes: () => true, onPart: () => true },
      { maxBytes: 4 * 1024 * 1024, compressor: undefined },
    );
    reader.receive(framed(Uint8Array.of(1), 0, 4 * 1024 * 1024), 0, 6);
    return reader;
  });
  const perReader = (process.memoryUsage().arrayBuffers - before) / readers.length;
  assert.ok(perReader < 40_000, `${perReader} bytes a reader for 6 bytes of body`);
  const piece = new Uint8Array(30_000);
  const beforePieces = process.memoryUsage().arrayBuffers;
  for (const reader of readers.slice(0, 100)) reader.receive(piece, 0, piece.length);
  const perPiece = (process.memoryUsage().arrayBuffers - beforePieces) / 100;
  assert.ok(perPiece < 9 * piece.length, `${perPiece} bytes a reader for ${piece.length} bytes of body`);
});

test("random messages in random pieces come whole and in order", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  const property = fc.property(messages, fc.array(fc.nat(60), { maxLength: 20 }), (sent, cuts) => {
    const body = concat(...sent.map((payload) => framed(payload)));
    const pieces: Uint8Array[] = [];
    let at = 0;
    for (const cut of cuts) {
      pieces.push(body.subarray(at, at + cut));
      at = Math.min(body.length, at + cut);
    }
    pieces.push(body.subarray(at));
    const { told, inMessage } = read(pieces);
    assert.deepEqual(
      told,
      sent.map((payload) => [...payload]),
    );
    assert.equal(inMessage, false);
  });
  fc.assert(property, { seed: 20_257, numRuns: 500 });
});

test("isWholeMessage knows exactly one whole uncompressed message", () => {
  const body = framed(Uint8Array.of(1, 2, 3));
  assert.equal(isWholeMessage(body, 0, 8, 3), true);
  assert.equal(isWholeMessage(body, 0, 8, 2), false, "too large");
  for (let end = 0; end < 8; end++) assert.equal(isWholeMessage(body, 0, end, 100), false, `cut at ${end}`);
  assert.equal(isWholeMessage(concat(body, Uint8Array.of(0)), 0, 9, 100), false, "more follows");
  assert.equal(isWholeMessage(framed(Uint8Array.of(1), 1), 0, 6, 100), false, "compressed");
  assert.equal(isWholeMessage(framed(new Uint8Array(0)), 0, 5, 0), true, "an empty one");
  const wide = framed(Uint8Array.of(1), 0, 0x01000001);
  assert.equal(isWholeMessage(wide, 0, 6, 0xffffffff), false, "a length whose lower bytes would fit");
});

test("a compressed message that waits for its reader keeps nothing of what was lent, were it a Buffer", () => {
  const told: number[][] = [];
  let awaited = false;
  const reader = new MessageReader(
    {
      onMessage: (bytes, start, end) => void told.push([...bytes.subarray(start, end)]),
      onMessageFault: () => assert.fail("nothing is wrong"),
      takes: (isCompressed) => awaited || !isCompressed,
      onPart: () => true,
    },
    { maxBytes, compressor: { name: "none", compress: (bytes) => bytes, decompress: (bytes) => bytes } },
  );
  const lent = Buffer.from(framed(Uint8Array.of(1, 2, 3), 1));
  reader.receive(lent, 0, lent.length);
  lent.fill(0xee);
  awaited = true;
  reader.resume();
  assert.deepEqual(told, [[1, 2, 3]]);
});

test("what nobody takes stays as it came, in one piece of memory, and comes whole and in order when it is taken", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
  const property = fc.property(
    messages,
    fc.array(fc.nat(30), { maxLength: 20 }),
    fc.infiniteStream(fc.nat(3)),
    (...run) => {
      const [sent, cuts, takes] = run;
      const told: number[][] = [];
      let allowed = 0;
      const reader = new MessageReader(
        {
          onMessage(bytes, start, end) {
            allowed--;
            told.push([...bytes.subarray(start, end)]);
            // A reader that takes more within the call must not be given it twice.
            reader.resume();
          },
          onMessageFault: () => assert.fail("nothing is wrong"),
          takes: () => allowed > 0,
          onPart: () => false,
        },
        { maxBytes, compressor: undefined },
      );
      const body = concat(...sent.map((payload) => framed(payload)));
      let at = 0;
      for (const cut of [...cuts, body.length]) {
        const lent = concat(body.subarray(at, at + cut), Uint8Array.of(9));
        reader.receive(lent, 0, lent.length - 1);
        lent.fill(0xee);
        at = Math.min(body.length, at + cut);
        allowed += takes.next().value as number;
        reader.resume();
        assert.ok(told.length <= sent.length);
      }
      allowed = 1000;
      reader.resume();
      assert.deepEqual(
        told,
        sent.map((payload) => [...payload]),
      );
      assert.deepEqual([reader.hasParked, reader.inMessage], [false, false]);
    },
  );
  fc.assert(property, { seed: 20_258, numRuns: 500 });
});

test("a message for which there is no memory yet is gathered in no more than twice what has come of it", () => {
  const lengths: number[] = [];
  let hasMemory = false;
  const reader = new MessageReader(
    {
      onMessage() {},
      onMessageFault: () => assert.fail("nothing is wrong"),
      takes: () => true,
      onPart: (length) => {
        lengths.push(length);
        return hasMemory;
      },
    },
    { maxBytes: 4_000_000, compressor: undefined },
  );
  const beginning = framed(new Uint8Array(60_000), 0, 4_000_000);
  const before = process.memoryUsage().arrayBuffers;
  reader.receive(beginning, 0, beginning.length);
  const careful = process.memoryUsage().arrayBuffers - before;
  assert.ok(careful < beginning.length * 3, `${careful} bytes`);
  assert.deepEqual(lengths, [4_000_005], "asked for once, before memory is taken");
  assert.equal(reader.partBytes, 4_000_005);
  hasMemory = true;
  reader.receive(new Uint8Array(100_000), 0, 100_000);
  assert.equal(lengths.length, 2);
});
