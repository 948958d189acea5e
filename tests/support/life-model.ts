// Test support: what calls may say of themselves, whatever befell their connection. The handlers' record, the wire's windows
// and the sum of what is left are the witnesses.
import assert from "node:assert/strict";
import type { LifeCall } from "./life-call.ts";
import { connectionWindowBytes, type LifePair } from "./life-pair.ts";

/** Virtual time in which all calls end once nothing is wrong any more: keep-alive, an attempt that stalls, the pauses. */
const boundMs = 20_000;
/** A call may end so long before its deadline, which travels as whole units of time. */
const earlyMs = 1;
const lateMs = 0.001;
/** A handler may go on for so long after its client has given its call up. */
const maxHandlerMs = 500;

/** Ends all weather, reads and ends all that is open, and judges everything. */
export async function settleAndJudge(pair: LifePair): Promise<void> {
  await pair.calm();
  const calmAt = pair.nowMs;
  for (const call of pair.calls) {
    if (call.canSend) call.halfClose();
    if (call.plan.pauseMs > boundMs) call.cancel();
  }
  while (pair.calls.some((call) => call.ending === undefined || call.canRead)) {
    if (pair.nowMs - calmAt > boundMs) {
      const late = pair.calls.filter((call) => call.ending === undefined || call.canRead);
      assert.fail(
        `${boundMs} ms after all is well: ${late.map(describe).join("; ")}; ${JSON.stringify(pair.channel.snapshot())}`,
      );
    }
    for (const call of pair.calls) if (call.canRead) call.read(1);
    await pair.simulation.advance(25);
  }
  // Half-open connections of the server end by its keep-alive, and handlers that hear nothing by themselves.
  await pair.simulation.advance(boundMs);
  for (const call of pair.calls) judge(pair, call);
  assert.deepEqual(nonZero(pair.remains()), {}, "left of calls");
  assert.deepEqual(pair.tap.broken, []);
  for (const wire of pair.tap.wires) {
    for (const side of ["client", "server"] as const) {
      const room = wire[side].connectionBytes;
      assert.ok(
        room > 0.75 * connectionWindowBytes - 1 && room <= connectionWindowBytes,
        `at rest the ${side} may send ${room} of ${connectionWindowBytes} bytes`,
      );
    }
  }
  assert.deepEqual(nonZero(await pair.close()), {}, "left of both sides");
}

function nonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

function describe({ tag, kind, ending, startedAt, readEnd }: LifeCall): string {
  const end = ending === undefined ? "open" : `${ending.code}, ${ending.execution} at ${ending.atMs} ms`;
  return `call ${tag} (${kind}, since ${startedAt} ms): ${end}, read ${readEnd}`;
}

function judge(pair: LifePair, call: LifeCall): void {
  const record = pair.service.record(call.tag);
  const { ending } = call;
  assert.ok(ending !== undefined);
  const what = `${describe(call)}; handler ${JSON.stringify(record)}`;
  assert.equal(call.endings, 1, `one end: ${what}`);
  assert.ok(record.starts <= 1, `run once at most: ${what}`);
  assert.equal(record.settles, record.starts, `no handler is left: ${what}`);
  assert.ok(isAllowed(pair, call), `code: ${what}; troubles ${JSON.stringify(pair.troubles)}`);
  if (ending.execution === "not-executed") assert.equal(record.starts, 0, what);
  if (ending.execution === "executed") assert.equal(record.settles, 1, what);
  assertPrefix(record.received, call.sent, `requests: ${what}`);
  if (call.kind === "clientStream") assert.ok(call.got.length <= 1, what);
  else assertPrefix(call.got, record.yielded, `replies: ${what}`);
  if (ending.code !== "OK") return assert.notEqual(call.readEnd, "done", what);
  assert.ok(record.isDone, what);
  if (call.kind === "bidiStream" || call.kind === "clientStream") assert.deepEqual(record.received, call.sent, what);
  if (call.kind === "serverStream") assert.equal(record.yielded.length, call.plan.replies, what);
  assert.deepEqual(call.got, record.yielded, what);
}

/** Whether its code is one of those that what happened may bring about. */
function isAllowed(pair: LifePair, call: LifeCall): boolean {
  const { troubles, service } = pair;
  const { code, atMs } = call.ending as NonNullable<LifeCall["ending"]>;
  switch (code) {
    case "OK":
      return !call.plan.fails && atMs <= call.deadlineAt + lateMs;
    case "ABORTED":
      return call.plan.fails && service.record(call.tag).starts === 1;
    case "CANCELLED":
      return call.isCancelled;
    case "DEADLINE_EXCEEDED":
      return atMs >= call.deadlineAt - earlyMs && atMs <= call.deadlineAt + lateMs;
    case "UNAVAILABLE":
      return troubles.some(({ fromMs, toMs }) => fromMs <= atMs && call.startedAt <= toMs) || isRefused(pair, call);
    default:
      return false;
  }
}

/**
 * Whether it may have been refused twice: its client has given another one up, whose handler still has the place that the
 * server's limit leaves. None of it has run.
 */
function isRefused({ calls, isTight }: LifePair, { ending, startedAt }: LifeCall): boolean {
  if (!isTight || ending?.execution !== "not-executed") return false;
  return calls.some(
    (other) =>
      (other.ending?.code === "CANCELLED" || other.ending?.code === "DEADLINE_EXCEEDED") &&
      other.ending.atMs <= ending.atMs &&
      other.ending.atMs + maxHandlerMs >= startedAt,
  );
}

function assertPrefix(part: readonly number[], whole: readonly number[], what: string): void {
  assert.deepEqual(part, whole.slice(0, part.length), what);
}
