// The cases of the interop matrix, as every TypeScript client runs them; the foreign peers have the same list in their
// own language.
import assert from "node:assert/strict";
import { CallFailure, type EchoMessage, type Fields, type ProbeClient } from "./probe.ts";
import { probeRoot } from "./schema.ts";

/** Needs percent-encoding: accents, a percent sign, a line break, characters of two, three and four bytes. */
const oddMessage = "100% häßlich\n✓ 𝄞 end";
/** The encoded size of the largest message: a little under the usual limit of 4 MiB. */
const largeBytes = 4 * 1024 * 1024 - 64;
const concurrentCalls = 1000;
const timeoutMs = 10_000;

const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
const nothing: EchoMessage = { message: "", n: 0, payload: new Uint8Array(0) };

/** One case: it resolves when the server did as it should. */
export type Case = (client: ProbeClient) => Promise<void>;

async function echo(client: ProbeClient, message: EchoMessage): Promise<void> {
  const reply = await client.echo(message, { timeoutMs });
  const { payload, ...rest } = reply.message;
  const { payload: sent, ...expected } = message;
  assert.deepEqual(rest, expected);
  assert.ok(Buffer.compare(payload, sent) === 0, "the payload came back changed");
}

async function failure(call: Promise<unknown>, code: number): Promise<CallFailure> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof CallFailure)) throw outcome ?? new Error(`no failure where code ${code} was due`);
  assert.equal(outcome.code, code, `code ${outcome.code} instead of ${code}: ${outcome.message}`);
  return outcome;
}

function valuesOf(fields: Fields, name: string): (string | Uint8Array)[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1]);
}

async function metadata(client: ProbeClient): Promise<void> {
  const sent: Fields = [
    ["probe-text", "one value, with a comma"],
    ["probe-many", "a"],
    ["probe-many", "b"],
    ["probe-raw-bin", allBytes],
  ];
  const { headers, trailers } = await client.echo(nothing, { metadata: sent, timeoutMs });
  for (const fields of [headers, trailers]) {
    assert.deepEqual(valuesOf(fields, "probe-text"), ["one value, with a comma"]);
    // Values of one name may come joined, as RFC 9110 section 5.3 permits.
    assert.equal(valuesOf(fields, "probe-many").join(",").replace(", ", ","), "a,b");
    const raw = valuesOf(fields, "probe-raw-bin");
    assert.equal(raw.length, 1);
    assert.deepEqual(Uint8Array.from(raw[0] as Uint8Array), allBytes);
  }
}

async function status(client: ProbeClient): Promise<void> {
  for (let code = 1; code <= 16; code++) {
    const details = new Uint8Array(0);
    const failed = await failure(client.fail({ code, message: oddMessage, details }, { timeoutMs }), code);
    assert.equal(failed.message, oddMessage);
  }
}

async function details(client: ProbeClient): Promise<void> {
  const Status = probeRoot().lookupType("google.rpc.Status");
  const sent = {
    code: 9,
    message: oddMessage,
    details: [
      { type_url: "type.googleapis.com/google.protobuf.StringValue", value: Buffer.from("\n\nthe detail", "latin1") },
    ],
  };
  const encoded = Status.encode(Status.fromObject(sent)).finish();
  const failed = await failure(client.fail({ code: 9, message: oddMessage, details: encoded }, { timeoutMs }), 9);
  assert.ok(failed.details !== undefined, "no details came");
  // As JSON, because toolkits hand out bytes in different classes.
  assert.deepEqual(Status.decode(failed.details).toJSON(), Status.decode(encoded).toJSON());
}

async function deadlineAtClient(client: ProbeClient): Promise<void> {
  const id = uniqueId();
  await failure(client.sleep({ id, ms: 20_000 }, { timeoutMs: 200 }), 4);
  const { state } = await client.lastSleep({ id, over: true }, { timeoutMs });
  assert.ok(state === "deadline" || state === "cancelled", `the handler ended as ${state}`);
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
  assert.equal(state, "cancelled");
}

async function concurrent(client: ProbeClient): Promise<void> {
  const calls = Array.from({ length: concurrentCalls }, (_, n) => echo(client, { ...nothing, n, message: `${n}` }));
  await Promise.all(calls);
}

/** Unique among all processes that ask one server. */
function uniqueId(): string {
  return `ts-${process.pid}-${process.hrtime.bigint()}`;
}

/** Every case by name, in the order of the table. */
export const cases: ReadonlyMap<string, Case> = new Map<string, Case>([
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
]);
