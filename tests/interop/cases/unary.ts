// The unary cases of the interop matrix.
import assert from "node:assert/strict";
import type { ProbeClient } from "../probe.ts";
import {
  allBytes,
  type Case,
  checkFailing,
  checkFields,
  checkState,
  echo,
  failing,
  failure,
  largeBytes,
  nothing,
  oddMessage,
  sentFields,
  timeoutMs,
  uniqueId,
} from "./checks.ts";

const concurrentCalls = 1000;

async function metadata(client: ProbeClient): Promise<void> {
  const { headers, trailers } = await client.echo(nothing, { metadata: sentFields, timeoutMs });
  checkFields(headers);
  checkFields(trailers);
}

async function status(client: ProbeClient): Promise<void> {
  for (let code = 1; code <= 16; code++) {
    const details = new Uint8Array(0);
    const failed = await failure(client.fail({ code, message: oddMessage, details }, { timeoutMs }), code);
    assert.equal(failed.message, oddMessage);
  }
}

async function details(client: ProbeClient): Promise<void> {
  checkFailing(await failure(client.fail(failing(), { timeoutMs }), 9));
}

async function deadlineAtClient(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  await failure(client.sleep({ id, ms: 20_000 }, { timeoutMs: 200 }), 4);
  const { state } = await client.lastSleep({ id, over: true }, { timeoutMs });
  checkState(state, "deadline", "cancelled");
}

async function deadlineAtServer(client: ProbeClient): Promise<void> {
  const long = await client.sleep({ id: uniqueId(), ms: 0 }, { timeoutMs: 9_000 });
  // Some clients round a timeout up to a coarser unit.
  const fits = long.deadlineMs >= 5_000 && long.deadlineMs <= 9_500;
  assert.ok(fits, `of 9000 ms the server saw ${long.deadlineMs}`);
  const none = await client.sleep({ id: uniqueId(), ms: 0 }, {});
  assert.equal(none.deadlineMs, -1, `without a deadline the server saw ${none.deadlineMs} ms`);
}

async function cancel(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  const abort = new AbortController();
  const sleeping = failure(client.sleep({ id, ms: 20_000 }, { signal: abort.signal }), 1);
  await client.lastSleep({ id, over: false }, { timeoutMs });
  abort.abort();
  await sleeping;
  const { state } = await client.lastSleep({ id, over: true }, { timeoutMs });
  checkState(state, "cancelled");
}

async function concurrent(client: ProbeClient): Promise<void> {
  const calls = Array.from({ length: concurrentCalls }, (_, n) => echo(client, { ...nothing, n, message: `${n}` }));
  await Promise.all(calls);
}

export const unaryCases: readonly (readonly [name: string, run: Case])[] = [
  ["echo", (client) => echo(client, { message: oddMessage, n: -5, payload: allBytes })],
  ["empty", (client) => echo(client, nothing)],
  ["metadata", metadata],
  ["status", status],
  ["details", details],
  ["deadline-client", deadlineAtClient],
  ["deadline-server", deadlineAtServer],
  ["cancel", cancel],
  ["large", (client) => echo(client, { ...nothing, payload: new Uint8Array(largeBytes - 5).fill(0xa5) })],
  ["unimplemented-method", async (client) => void (await failure(client.missing({ timeoutMs }), 12))],
  ["unimplemented-service", async (client) => void (await failure(client.absent({ timeoutMs }), 12))],
  ["concurrent", concurrent],
];
