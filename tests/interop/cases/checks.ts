// What the cases of the interop matrix have in common, as every TypeScript client runs them.
import assert from "node:assert/strict";
import {
  CallFailure,
  type EchoMessage,
  type FailRequest,
  type Fields,
  type ProbeClient,
  type SleepState,
} from "../probe.ts";
import { probeRoot } from "../schema.ts";

/** One case: it resolves when the server did as it should. */
export type Case = (client: ProbeClient) => Promise<void>;

/** Needs percent-encoding: accents, a percent sign, a line break, characters of two, three and four bytes. */
export const oddMessage = "100% häßlich\n✓ 𝄞 end";
/** The encoded size of the largest message: a little under the usual limit of 4 MiB. */
export const largeBytes = 4 * 1024 * 1024 - 64;
/** Every call of the cases has this much time, unless it is about deadlines. */
export const timeoutMs = 20_000;

export const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
export const nothing: EchoMessage = { message: "", n: 0, payload: new Uint8Array(0) };

/** Unique among all processes that ask one server. */
export function uniqueId(): string {
  return `ts-${process.pid}-${process.hrtime.bigint()}`;
}

/** Sends a message and wants it back. */
export async function echo(client: ProbeClient, message: EchoMessage, options = {}): Promise<void> {
  const reply = await client.echo(message, { timeoutMs, ...options });
  const { payload, ...rest } = reply.message;
  const { payload: sent, ...expected } = message;
  assert.deepEqual(rest, expected);
  assert.ok(Buffer.compare(payload, sent) === 0, "the payload came back changed");
}

/** The failure of a call that must fail with `code`. */
export async function failure(call: Promise<unknown>, code: number): Promise<CallFailure> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof CallFailure)) throw outcome ?? new Error(`no failure where code ${code} was due`);
  assert.equal(outcome.code, code, `code ${outcome.code} instead of ${code}: ${outcome.message}`);
  return outcome;
}

/** What the metadata cases send and want back. */
export const sentFields: Fields = [
  ["probe-text", "one value, with a comma"],
  ["probe-many", "a"],
  ["probe-many", "b"],
  ["probe-raw-bin", allBytes],
];

function valuesOf(fields: Fields, name: string): (string | Uint8Array)[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1]);
}

export function checkFields(fields: Fields): void {
  assert.deepEqual(valuesOf(fields, "probe-text"), ["one value, with a comma"]);
  // Values of one name may come joined, as RFC 9110 section 5.3 permits.
  assert.equal(valuesOf(fields, "probe-many").join(",").replace(", ", ","), "a,b");
  const raw = valuesOf(fields, "probe-raw-bin");
  assert.equal(raw.length, 1);
  assert.deepEqual(Uint8Array.from(raw[0] as Uint8Array), allBytes);
}

const Status = probeRoot().lookupType("google.rpc.Status");

/** The request for a failure with details. */
export function failing(): FailRequest {
  const type_url = "type.googleapis.com/google.protobuf.StringValue";
  const sent = {
    code: 9,
    message: oddMessage,
    details: [{ type_url, value: Buffer.from("\n\nthe detail", "latin1") }],
  };
  return { code: 9, message: oddMessage, details: Status.encode(Status.fromObject(sent)).finish() };
}

/** Checks what came of it. */
export function checkFailing(failed: CallFailure): void {
  assert.equal(failed.message, oddMessage);
  assert.ok(failed.details !== undefined, "no details came");
  // As JSON, because toolkits hand out bytes in different classes.
  assert.deepEqual(Status.decode(failed.details).toJSON(), Status.decode(failing().details).toJSON());
}

export function checkState(state: SleepState, ...expected: readonly SleepState[]): void {
  assert.ok(expected.includes(state), `the handler ended as ${state}`);
}
