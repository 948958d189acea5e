// Fuzz target: requests of any bytes in any frames, read by our server machine and by nghttp2. Both open the same streams with
// the same fields, both refuse the same blocks for their compression, and what nghttp2 finds malformed, so do we.
import assert from "node:assert/strict";
import type { ConnectionOwner, ExchangeOwner } from "farcall/http";
import { createHttp2Connection } from "farcall/http2";
import {
  type FieldList,
  FrameParser,
  frame,
  literalBlock,
  preface,
  settings,
  settingsAck,
} from "../../support/http2-frames.ts";
import { Input } from "../input.ts";
import { readByNghttp2, type ServerVerdict } from "../models/nghttp2.ts";

/** It waits for nghttp2. */
export const isAsync = true;

const maxRequests = 20;
const [endStream, endHeaders, isPadded, hasPriority] = [1, 4, 8, 32];
/** GET, http, / by the static table, and an authority. */
const beginning = Buffer.from("8286844103782e79", "hex");

const opening = Buffer.concat([preface, settings(), settingsAck]);

/** The header block of the next request: any bytes, behind a change of the table's size, or behind a good beginning. */
function nextBlock(input: Input): Uint8Array {
  const kind = input.byte() % 4;
  const rest = input.some();
  if (kind === 0) return rest;
  if (kind === 1) return Buffer.concat([Buffer.of(0x20 | (input.byte() % 31)), beginning, rest]);
  if (kind === 2) {
    const [name, value] = [rest.subarray(0, rest.length >> 1), rest.subarray(rest.length >> 1)];
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
    return Buffer.concat([beginning, literalBlock([[text(name), text(value)]])]);
  }
  return Buffer.concat([beginning, rest]);
}

/** Where a change of the table's size at `at` ends; `at` itself when there is none. */
function endOfUpdate(block: Uint8Array, at: number): number {
  const first = block[at] ?? 0;
  if (first < 0x20 || first >= 0x40) return at;
  let end = at + 1;
  if (first === 0x3f) while ((block[end++] ?? 0) >= 0x80);
  return end;
}

/** The block with the first two of the changes that it begins with: of more we refuse it (RFC 7541 section 4.2), nghttp2 does not. */
function withFewUpdates(block: Uint8Array): Uint8Array {
  const start = endOfUpdate(block, endOfUpdate(block, 0));
  let end = start;
  for (let next = endOfUpdate(block, end); next !== end; next = endOfUpdate(block, end)) end = next;
  return end === start ? block : Buffer.concat([block.subarray(0, start), block.subarray(end)]);
}

/** One request, as frames: whole, padded, with a priority, in two pieces. */
function nextRequest(id: number, input: Input): Uint8Array {
  const block = withFewUpdates(nextBlock(input));
  const shape = input.byte();
  const cutAt = shape % 4 === 3 ? block.length >> 1 : block.length;
  const padding = shape & 16 ? (shape >> 5) + 1 : 0;
  const parts = [block.subarray(0, cutAt)];
  let flags = shape & 64 ? endStream : 0;
  if (shape & 8) {
    flags |= hasPriority;
    parts.unshift(Buffer.of(0, 0, 0, 0, 16));
  }
  if (padding > 0) {
    flags |= isPadded;
    parts.unshift(Buffer.of(padding));
    parts.push(Buffer.alloc(padding));
  }
  const isWhole = cutAt === block.length;
  const first = frame({
    type: "HEADERS",
    flags: flags | (isWhole ? endHeaders : 0),
    id,
    payload: Buffer.concat(parts),
  });
  if (isWhole) return first;
  return Buffer.concat([first, frame({ type: "CONTINUATION", flags: endHeaders, id, payload: block.subarray(cutAt) })]);
}

function toPairs(list: readonly string[]): FieldList {
  return Array.from({ length: list.length / 2 }, (_, at) => [list[2 * at] as string, list[2 * at + 1] as string]);
}

const nobody: ExchangeOwner = { onHead() {}, onBody() {}, onTail() {}, onWritable() {}, onReset() {} };

/** What our machine makes of requests with the ids 1, 3, 5...; undefined when a limit of ours was met. */
function readByUs(requests: readonly Uint8Array[]): ServerVerdict | undefined {
  const verdict: ServerVerdict = { opened: new Map(), reset: new Map(), goAway: undefined };
  let [id, isLimited] = [-1, false];
  const owner: ConnectionOwner = {
    onOutput() {},
    onMuchOutput() {},
    onReady() {},
    onCapacity() {},
    onPong() {},
    onDraining() {},
    onClosed() {},
    onExchange(_exchange, { list }) {
      verdict.opened.set(id, toPairs(list));
      return nobody;
    },
    onOverlongHead() {
      isLimited = true;
      return nobody;
    },
    onLimit() {
      isLimited = true;
    },
  };
  const machine = createHttp2Connection({ role: "server", owner, now: 0 });
  for (const bytes of [opening, ...requests]) {
    machine.receive(bytes, 0, bytes.length, 0);
    id += 2;
  }
  const output: Uint8Array[] = [];
  machine.takeOutput(output);
  for (const frame of new FrameParser().parse(Buffer.concat(output))) {
    if (frame.type === "RST_STREAM") verdict.reset.set(frame.id, frame.code ?? "");
    if (frame.type === "GOAWAY") verdict.goAway ??= frame.code ?? "";
  }
  return isLimited ? undefined : verdict;
}

export async function fuzz(bytes: Uint8Array): Promise<void> {
  const input = new Input(bytes);
  const requests: Uint8Array[] = [];
  while (!input.isDone && requests.length < maxRequests) requests.push(nextRequest(2 * requests.length + 1, input));
  const ours = readByUs(requests);
  if (ours === undefined) return;
  const theirs = await readByNghttp2(Buffer.concat([opening, ...requests]));
  assert.equal(ours.goAway, theirs.goAway, "the connection ends otherwise");
  for (let id = 1; id < 2 * requests.length; id += 2) compareStream(id, ours, theirs);
}

function compareStream(id: number, ours: ServerVerdict, theirs: ServerVerdict): void {
  const [mine, their] = [ours.opened.get(id), theirs.opened.get(id)];
  if (mine === undefined) return;
  if (their !== undefined) return assert.deepEqual(mine.filter(isKept), their);
  const hasAuthority = mine.some(([name, value]) => (name === ":authority" || name === "host") && value !== "");
  assert.ok(!hasAuthority, `nghttp2 does not open stream ${id}: ${JSON.stringify(mine)}`);
}

/** nghttp2 leaves out fields whose value has a control character, where RFC 9110 section 5.5 lets one retain it, as we do. */
function isKept([_name, value]: FieldList[number]): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  return !/[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value);
}

/** A request of each kind and shape; blocks that name the dynamic table, change its size, or are cut short. */
export function seeds(): Uint8Array[] {
  const rows = [
    "00 08 82868441 03782e79 00",
    "00 08 82868441 03782e79 40 00 08 828684be 00000000 00",
    "01 00 00 00 01 00 1e 00",
    "02 06 782d6131 3233 00",
    "02 0e 782d6c6f6e672d6e616d652d76 31 48",
    "02 08 5570706572206e61 00",
    "02 16 636f6e74656e742d6c656e67746831303030303030 00 00",
    "03 06 40 01 61 01 62 be 18",
    "03 05 00 0161 0120 00",
    "03 0a 00 0861 7574 686f 7269 7479 03",
    "00 08 82868441 03782e79 13 03 04 40 0161 0162 7b 03 02 be bf 08",
    "00 05 3fe11f8286 00",
    "00 09 3fe11f 82 86 84 41 01 78 20",
    "00 15 3f09 828684 4103782e79 4001610162 4001630164 be 00",
    "00 15 3f09 828684 4103782e79 4001610162 4001630164 bf 00",
    "02 0e 75706772616465 6832632d616263 00",
    "00 02 ff80 00",
    "00 0c 8286 8441 8cf1e3c2e5f23a6ba0ab90f4ff 08",
    "03 03 40 82 94 40",
    "02 08 686f7374 782e7931 00",
    "02 08 74650000 00000000 00",
  ];
  return rows.map((row) => Buffer.from(row.replaceAll(" ", ""), "hex"));
}
