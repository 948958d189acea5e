// The cases of the kinds of streams: what they carry, how much of it, and who waits for whom.
import assert from "node:assert/strict";
import type { ProbeClient } from "../probe.ts";
import {
  type Case,
  checkFields,
  echo,
  largeBytes,
  nothing,
  oddMessage,
  sentFields,
  timeoutMs,
  uniqueId,
} from "./checks.ts";
import {
  chat,
  collect,
  endChat,
  exchange,
  expectEnd,
  expectSummary,
  feed,
  maxHeldParts,
  pingPong,
  readSome,
  sendParts,
  sleepAWhile,
  slowBytes,
  slowParts,
} from "./parts.ts";

const few = { count: 10, payloadBytes: 100 };
const many = { count: 10_000, payloadBytes: 50 };
/** What each side sends when both do. */
const flooding = { count: 2000, payloadBytes: 100 };
/** Two messages a little under 4 MiB. */
const large = { count: 2, payloadBytes: largeBytes - 7 };
/** A mebibyte that compresses well. */
const mebibyte = { count: 8, payloadBytes: 128 * 1024 };

/** Both sides send as fast as they can. */
async function flood(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.chat({ timeoutMs });
  const sending = sendParts(call, { ...flooding, order: { ...flooding, id } }).then(() => call.end());
  sending.catch(() => {});
  await readSome(call, [0, flooding.count], flooding.payloadBytes);
  await expectEnd(call);
  await sending;
  const { received } = await client.streams.lastStream({ id, over: true }, { timeoutMs });
  assert.equal(received, flooding.count, "parts that the server received");
}

async function slowClient(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.feed({ id, count: slowParts, payloadBytes: slowBytes }, { timeoutMs });
  await readSome(call, [0, 1], slowBytes);
  await sleepAWhile();
  const { sent } = await client.streams.lastStream({ id, over: false }, { timeoutMs });
  assert.ok(sent <= maxHeldParts, `the server had sent ${sent} parts that nobody read`);
  await readSome(call, [1, slowParts], slowBytes);
  await expectEnd(call);
}

async function slowServer(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.collect({ timeoutMs });
  let accepted = 0;
  const sending = sendParts(call, { count: slowParts, payloadBytes: slowBytes, order: { id, hold: true } }, () => {
    accepted++;
  });
  sending.catch(() => {});
  await sleepAWhile();
  const held = accepted;
  await client.streams.release({ id }, { timeoutMs });
  await sending;
  call.end();
  await expectSummary(call, slowParts, slowBytes);
  assert.ok(held <= maxHeldParts, `${held} parts were accepted that nobody read`);
}

async function headersFirst(client: ProbeClient): Promise<void> {
  const call = client.streams.chat({ metadata: sentFields, timeoutMs });
  checkFields(await call.headers);
  await exchange(call, [0, 1]);
  await endChat(call);
}

async function streamMetadata(client: ProbeClient): Promise<void> {
  const call = client.streams.feed({ count: 2 }, { metadata: sentFields, timeoutMs });
  await readSome(call, [0, 2], 0);
  await expectEnd(call);
  checkFields(await call.headers);
  checkFields(await call.trailers);
}

const compressible = { ...nothing, payload: new Uint8Array(mebibyte.count * mebibyte.payloadBytes).fill(0xa5) };

/** A mebibyte by a unary call and one by a stream; the test counts what passes. */
async function gzipRequests(client: ProbeClient): Promise<void> {
  await echo(client, compressible, { gzip: true });
  await collect(client, mebibyte.count, mebibyte.payloadBytes, { gzip: true });
}

async function gzipReplies(client: ProbeClient): Promise<void> {
  const metadata = [["probe-gzip", "1"]] as const;
  await echo(client, compressible, { metadata });
  await feed(client, mebibyte, { metadata });
}

async function atOnce(count: number, run: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, run));
}

async function manyOnOne(client: ProbeClient): Promise<void> {
  await atOnce(64, () => pingPong(client, 20));
  assert.equal(client.connectionCount?.() ?? 1, 1, "connections");
}

type Cases = readonly (readonly [name: string, run: Case])[];

export const streamCases: Cases = [
  ["server-stream", (client) => feed(client, few)],
  ["server-stream-empty", (client) => feed(client, {})],
  ["client-stream", (client) => collect(client, few.count, few.payloadBytes)],
  ["client-stream-empty", (client) => collect(client, 0, 0)],
  ["bidi", (client) => chat(client, few.count, few.payloadBytes)],
  ["bidi-empty", (client) => chat(client, 0, 0)],
  ["half-close", (client) => chat(client, few.count, few.payloadBytes, { afterEnd: true })],
  ["ping-pong", (client) => pingPong(client, 100)],
  ["flood", flood],
];

export const volumeCases: Cases = [
  ["many-down", (client) => feed(client, many)],
  ["many-up", (client) => collect(client, many.count, many.payloadBytes)],
  ["large-down", (client) => feed(client, large)],
  ["large-up", (client) => collect(client, large.count, large.payloadBytes)],
  ["slow-client", slowClient],
  ["slow-server", slowServer],
  ["streams-64", manyOnOne],
  ["streams-150", (client) => atOnce(150, () => feed(client, { count: 10, payloadBytes: 1000, pauseMs: 20 }))],
];

export const metadataCases: Cases = [
  ["headers-first", headersFirst],
  ["stream-metadata", streamMetadata],
];

export const compressionCases: Cases = [
  ["gzip-requests", gzipRequests],
  ["gzip-replies", gzipReplies],
];

export const tlsCases: Cases = [
  ["tls-unary", (client) => echo(client, { ...nothing, message: oddMessage })],
  ["tls-bidi", (client) => pingPong(client, few.count)],
];
