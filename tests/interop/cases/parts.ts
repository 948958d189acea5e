// How the cases of streams send and read parts.
import assert from "node:assert/strict";
import type { CallOptions, ProbeClient } from "../probe.ts";
import { type Conversation, isPart, type Order, type Part, partOf, type Summary } from "../streams.ts";
import { timeoutMs } from "./checks.ts";

/** What a slow reader is sent: parts of 16 KiB, of which a quarter may be on the way. */
export const slowParts = 1024;
export const slowBytes = 16 * 1024;
export const maxHeldParts = slowParts / 4;
/** How long a slow reader sleeps. */
const sleepMs = 300;

export type Chat = Conversation<Part, Part>;

/** Lets a slow reader sleep. */
export function sleepAWhile(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, sleepMs));
}

/** Reads the parts from `first` up to `count`. */
export async function readSome(
  call: Conversation<never, Part>,
  range: readonly [first: number, count: number],
  payloadBytes: number,
): Promise<void> {
  for (let n = range[0]; n < range[1]; n++) {
    const part = await call.next();
    assert.ok(part !== undefined, `the stream ended in place of part ${n}`);
    const right = isPart(part, n) && part.payload.length === payloadBytes;
    assert.ok(right, `part ${n} came as ${part.n} with ${part.payload.length} bytes`);
  }
}

export async function expectEnd(call: Conversation<never, unknown>): Promise<void> {
  assert.equal(await call.next(), undefined, "a message came behind the last one");
}

/** Sends parts up to `count`, the order in the first. */
export async function sendParts(
  call: Conversation<Part, unknown>,
  { count, payloadBytes, order }: { count: number; payloadBytes: number; order?: Order },
  onAccepted: () => void = () => {},
): Promise<void> {
  for (let n = 0; n < count; n++) {
    await call.send(partOf(n, payloadBytes, n === 0 ? order : undefined));
    onAccepted();
  }
}

/** Sends the parts from `first` to `count`, each after the answer to the one before. */
export async function exchange(call: Chat, range: readonly [first: number, count: number], order?: Order) {
  for (let n = range[0]; n < range[1]; n++) {
    await call.send(partOf(n, 10, order));
    await readSome(call, [n, n + 1], 10);
  }
}

export async function endChat(call: Chat): Promise<void> {
  call.end();
  await expectEnd(call);
}

export async function expectSummary(
  call: Conversation<never, Summary>,
  count: number,
  payloadBytes: number,
): Promise<void> {
  const summary = await call.next();
  assert.ok(summary !== undefined, "no summary came");
  const { count: counted, bytes, wrong } = summary;
  assert.deepEqual([counted, bytes, wrong], [count, count * payloadBytes, 0], "parts, bytes and wrong parts");
  await expectEnd(call);
}

export async function feed(client: ProbeClient, order: Order, options: CallOptions = {}): Promise<void> {
  const call = client.streams.feed(order, { timeoutMs, ...options });
  await readSome(call, [0, order.count ?? 0], order.payloadBytes ?? 0);
  await expectEnd(call);
}

export async function collect(client: ProbeClient, count: number, payloadBytes: number, options: CallOptions = {}) {
  const call = client.streams.collect({ timeoutMs, ...options });
  await sendParts(call, { count, payloadBytes });
  call.end();
  await expectSummary(call, count, payloadBytes);
}

export async function chat(client: ProbeClient, count: number, payloadBytes: number, order?: Order): Promise<void> {
  const call = client.streams.chat({ timeoutMs });
  await sendParts(call, { count, payloadBytes, ...(order !== undefined && { order }) });
  call.end();
  await readSome(call, [0, count], payloadBytes);
  await expectEnd(call);
}

export async function pingPong(client: ProbeClient, count: number): Promise<void> {
  const call = client.streams.chat({ timeoutMs });
  await exchange(call, [0, count]);
  await endChat(call);
}
