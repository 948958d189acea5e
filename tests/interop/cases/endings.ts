// The cases of how streams and connections end before or after their time.
import assert from "node:assert/strict";
import { CallFailure, type ProbeClient, type SleepState } from "../probe.ts";
import { type Case, checkFailing, checkState, echo, failing, failure, nothing, timeoutMs, uniqueId } from "./checks.ts";
import { endChat, exchange, expectSummary, readSome, sendParts, sleepAWhile, slowBytes, slowParts } from "./parts.ts";

/** Waits until the server's handler has ended in one of the states. */
async function expectEnded(client: ProbeClient, id: string, ...states: readonly SleepState[]): Promise<void> {
  const { state } = await client.streams.lastStream({ id, over: true }, { timeoutMs });
  checkState(state, ...states);
}

async function errorMidStream(client: ProbeClient): Promise<void> {
  const call = client.streams.feed({ count: 5, payloadBytes: 10, ending: failing() }, { timeoutMs });
  await readSome(call, [0, 5], 10);
  checkFailing(await failure(call.next(), 9));
}

async function streamDeadline(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.feed({ id, count: 3, hold: true }, { timeoutMs: 500 });
  await readSome(call, [0, 3], 0);
  await failure(call.next(), 4);
  await expectEnded(client, id, "deadline", "cancelled");
}

async function cancelDown(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.feed({ id, count: 3, hold: true }, { timeoutMs });
  await readSome(call, [0, 3], 0);
  call.cancel();
  await failure(call.next(), 1);
  await expectEnded(client, id, "cancelled");
}

async function cancelUp(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.collect({ timeoutMs });
  await sendParts(call, { count: 3, payloadBytes: 10, order: { id, hold: true } });
  await client.streams.lastStream({ id, over: false }, { timeoutMs });
  call.cancel();
  await failure(call.next(), 1);
  await expectEnded(client, id, "cancelled");
}

async function cancelBidi(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const call = client.streams.chat({ timeoutMs });
  await exchange(call, [0, 3], { id, hold: true });
  call.cancel();
  await failure(call.next(), 1);
  await expectEnded(client, id, "cancelled");
}

/** Answered after three parts, while the client could still send. */
async function earlyOk(client: ProbeClient): Promise<void> {
  const call = client.streams.collect({ timeoutMs });
  await sendParts(call, { count: 3, payloadBytes: 10, order: { answerAfter: 3 } });
  await expectSummary(call, 3, 10);
}

/** Fails after three parts, while the client goes on sending. */
async function earlyError(client: ProbeClient): Promise<void> {
  const call = client.streams.collect({ timeoutMs });
  const order = { answerAfter: 3, ending: failing() };
  const sending = sendParts(call, { count: slowParts, payloadBytes: slowBytes, order }).then(
    () => "all parts were sent",
    () => undefined,
  );
  checkFailing(await failure(call.next(), 9));
  assert.equal(await sending, undefined);
}

/** A call that waits until there is a server. */
const served = (client: ProbeClient): Promise<void> => echo(client, nothing, { waitForReady: true });

async function drainIdle(client: ProbeClient): Promise<void> {
  await client.streams.drain({ timeoutMs });
  await sleepAWhile();
  await served(client);
}

async function drainOpen(client: ProbeClient): Promise<void> {
  const call = client.streams.chat({ timeoutMs });
  await exchange(call, [0, 3]);
  await client.streams.drain({ timeoutMs });
  await sleepAWhile();
  await exchange(call, [3, 6]);
  await endChat(call);
  await served(client);
}

/** The server has a certificate for another name. */
async function tlsName(client: ProbeClient): Promise<void> {
  const failed = await client.echo(nothing, { timeoutMs }).catch((error: unknown) => error);
  assert.ok(failed instanceof CallFailure, "a server of another name was believed");
  // The toolkit's own word: connect-es calls it internal, all others unavailable.
  assert.ok(failed.code === 14 || failed.code === 13, failed.message);
}

export const endingCases: readonly (readonly [name: string, run: Case])[] = [
  ["error-mid-stream", errorMidStream],
  ["stream-deadline", streamDeadline],
  ["cancel-down", cancelDown],
  ["cancel-up", cancelUp],
  ["cancel-bidi", cancelBidi],
  ["early-ok", earlyOk],
  ["early-error", earlyError],
];

export const drainCases: readonly (readonly [name: string, run: Case])[] = [
  ["drain-idle", drainIdle],
  ["drain-open", drainOpen],
];

export const nameCases: readonly (readonly [name: string, run: Case])[] = [["tls-name", tlsName]];
