// Fuzz target: the messages in a gRPC body. However the body is cut, and whenever its reader waits, the same messages come,
// and they are those that a splitter written for clarity alone finds.
import assert from "node:assert/strict";
import { CompressionError, type Compressor } from "../../../src/host/compression.ts";
import { type MessageFault, MessageReader } from "../../../src/protocols/grpc/message-reader.ts";
import { cutBytes, Input } from "../input.ts";

const maxBytes = 1000;
const bad = 0xff;
const large = 0xfe;

/** Doubles what it is given; a first byte says that it cannot, or that there would be too much. */
function inflate(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === bad) throw new Error("no such code");
  if (bytes[0] === large) throw new CompressionError("too-large", "too large");
  return Uint8Array.from([...bytes, ...bytes]);
}

const doubling: Compressor = { name: "double", compress: inflate, decompress: inflate };

interface Told {
  readonly events: readonly (string | MessageFault)[];
  readonly inMessage: boolean;
}

/** What the body holds, by the specification's words. */
function split(body: Uint8Array, compressed: boolean): Told {
  const events: (string | MessageFault)[] = [];
  let rest = Buffer.from(body);
  while (rest.length >= 5) {
    const flag = rest[0] as number;
    const length = rest.readUInt32BE(1);
    if (flag > 1 || (flag === 1 && !compressed)) return ended(events, { kind: "bad-flag", flag });
    if (length > maxBytes) return ended(events, { kind: "too-large", length });
    if (rest.length < 5 + length) break;
    const payload = rest.subarray(5, 5 + length);
    rest = rest.subarray(5 + length);
    const first = flag === 1 ? payload[0] : undefined;
    if (first === bad) return ended(events, { kind: "bad-compression", tooLarge: false, message: "no such code" });
    if (first === large) return ended(events, { kind: "bad-compression", tooLarge: true, message: "too large" });
    events.push(`${hexOf(flag === 1 ? inflate(payload) : payload)} of ${5 + length}`);
  }
  return { events, inMessage: rest.length > 0 };
}

function ended(events: readonly (string | MessageFault)[], fault: MessageFault): Told {
  return { events: [...events, fault], inMessage: false };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Reads the pieces, each lent and spoilt afterwards. `patience`: how many messages a reader takes before he goes away. */
function read(pieces: readonly Uint8Array[], compressed: boolean, patience: number): Told {
  const events: (string | MessageFault)[] = [];
  let left = patience;
  const sink = {
    onMessage: (bytes: Uint8Array, start: number, end: number, cost: number) => {
      left--;
      events.push(`${hexOf(bytes.subarray(start, end))} of ${cost}`);
    },
    onMessageFault: (fault: MessageFault) => void events.push(fault),
    takes: () => left > 0,
    onPart: (length: number) => length % 2 === 0,
  };
  const reader = new MessageReader(sink, { maxBytes, compressor: compressed ? doubling : undefined });
  for (const piece of pieces) {
    const lent = Buffer.concat([Buffer.of(9, 9), piece, Buffer.of(9)]);
    reader.receive(lent, 2, lent.length - 1);
    lent.fill(0xee);
    left = patience;
    reader.resume();
  }
  while (reader.hasParked) {
    left = patience;
    reader.resume();
  }
  return { events, inMessage: reader.inMessage };
}

export function fuzz(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const compressed = input.byte() % 2 === 1;
  const patience = 1 + (input.byte() % 4);
  const cuts = input.take(4);
  const body = input.rest();
  const wanted = split(body, compressed);
  const always = Number.POSITIVE_INFINITY;
  for (const pieces of [[body], cutBytes(body, [1]), cutBytes(body, cuts)]) {
    for (const turns of [always, patience]) {
      assert.deepEqual(read(pieces, compressed, turns), wanted);
    }
  }
}

function framed(flag: number, payload: string): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(payload.length, 1);
  return Buffer.concat([prefix, Buffer.from(payload, "latin1")]);
}

export function seeds(): Uint8Array[] {
  const bodies = [
    [framed(0, "")],
    [framed(0, "abc")],
    [framed(0, "a"), framed(0, ""), framed(0, "bc")],
    [framed(1, "z"), framed(0, "plain"), framed(1, "yz")],
    [framed(1, "\xffno")],
    [framed(0, "good"), framed(1, "\xfe")],
    [framed(2, "no flag")],
    [framed(0, "x".repeat(maxBytes))],
    [framed(0, "x".repeat(maxBytes + 1))],
    [framed(0, "cut").subarray(0, 6)],
    [Buffer.from("<html>")],
  ];
  return bodies.flatMap((parts, index) =>
    [0, 1].map((kind) => Buffer.of(kind, index, 3, 1, 7, 2)).map((head) => Buffer.concat([head, ...parts])),
  );
}
