// Rows of frames that a machine gets in a given state of a stream, and what must follow: a connection error, a stream
// error, or nothing. Each row is played whole, byte by byte, and cut at every position; the outcome must be the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldTemplate } from "farcall/http";
import { type ErrorName, headers, ping, requestFields, responseFields, rstStream } from "./http2-frames.ts";
import { flatten, Script } from "./http2-script.ts";

/** The state of stream 1 before the row's frames, in RFC 9113 section 5.1's words and ours. */
export type State =
  | "idle"
  | "open"
  | "half-closed (remote)"
  | "half-closed (local)"
  | "closed"
  | "reset by us"
  | "reset by peer";

/** What must follow: a connection error, an error of stream 1, or neither; with the codes that the RFC leaves open. */
export type Outcome =
  | { readonly connection: ErrorName | readonly ErrorName[] }
  | { readonly stream: ErrorName | readonly ErrorName[] }
  /** Where the RFC allows either; ours is the first. */
  | { readonly lines: readonly string[] };

export interface Row {
  readonly title: string;
  readonly role: "client" | "server";
  readonly state: State;
  readonly frames: readonly Buffer[];
  readonly expect: Outcome;
}

/** Nothing comes back. */
export const quiet: Outcome = { lines: [] };
const request = new FieldTemplate(flatten(requestFields));
const response = new FieldTemplate(flatten(responseFields));
const trailers = new FieldTemplate(["grpc-status", "0"]);

/** A machine whose stream 1 is in that state; what it said and told on the way is forgotten. */
export function reach(role: "client" | "server", state: State, cut?: (bytes: Uint8Array) => Uint8Array[]): Script {
  const script = Script.open(role, cut === undefined ? {} : { cut });
  if (role === "server") reachOnServer(script, state);
  else reachOnClient(script, state);
  script.take();
  script.log.length = 0;
  return script;
}

function reachOnServer(script: Script, state: State): void {
  if (state === "idle") return;
  const ends = state === "half-closed (remote)" || state === "closed";
  script.send(headers(1, requestFields, { last: ends }));
  const exchange = script.requests[0]?.exchange;
  assert.ok(exchange);
  if (state === "closed") {
    exchange.head(response, undefined, false);
    exchange.tail(trailers, undefined);
  }
  if (state === "reset by us") exchange.reset("CANCEL");
  if (state === "reset by peer") script.send(rstStream(1, "CANCEL"));
}

function reachOnClient(script: Script, state: State): void {
  if (state === "idle") return;
  const { exchange } = script.openExchange();
  const ends = state === "half-closed (local)" || state === "closed";
  exchange.head(request, undefined, ends);
  if (state === "closed" || state === "half-closed (remote)") script.send(headers(1, responseFields, { last: true }));
  if (state === "reset by us") exchange.reset("CANCEL");
  if (state === "reset by peer") script.send(rstStream(1, "CANCEL"));
}

export function server(title: string, state: State, frames: readonly Buffer[] | Buffer, expect: Outcome): Row {
  return { title, role: "server", state, frames: Buffer.isBuffer(frames) ? [frames] : frames, expect };
}

export function client(title: string, state: State, frames: readonly Buffer[] | Buffer, expect: Outcome): Row {
  return { title, role: "client", state, frames: Buffer.isBuffer(frames) ? [frames] : frames, expect };
}
function cutsOf(bytes: Uint8Array): ((whole: Uint8Array) => Uint8Array[])[] {
  const whole = (all: Uint8Array) => [all];
  const single = (all: Uint8Array) => Array.from(all, (_, at) => all.subarray(at, at + 1));
  // Frames of 16 KiB are cut around their edges only.
  const places = Array.from(bytes, (_, at) => at).filter((at) => at < 100 || at > bytes.length - 30);
  return [whole, single, ...places.map((at) => (all: Uint8Array) => [all.subarray(0, at), all.subarray(at)])];
}

function codesOf(codes: ErrorName | readonly ErrorName[]): readonly ErrorName[] {
  return typeof codes === "string" ? [codes] : codes;
}

/** Plays a row and returns everything seen, for comparison. */
function play(row: Row, cut: (whole: Uint8Array) => Uint8Array[]): readonly string[] {
  const script = reach(row.role, row.state);
  // The trailing PING tells whether the connection lives on, from within the same bytes.
  for (const piece of cut(Buffer.concat([...row.frames, ping("and next")]))) script.send(piece);
  const lines = script.lines();
  const { expect } = row;
  if ("connection" in expect) {
    const last = lines.at(-1) ?? "";
    assert.ok(
      codesOf(expect.connection).some((code) => new RegExp(`^GOAWAY \\d+ ${code}$`).test(last)),
      `${row.title}: ${lines.join(", ")}`,
    );
    assert.equal(script.machine.isClosed, true, row.title);
    assert.equal(script.log.at(-1), "closed", row.title);
  } else if ("stream" in expect) {
    const wanted = codesOf(expect.stream).map((code) => `RST_STREAM 1 ${code}`);
    assert.ok(wanted.includes(lines[0] ?? ""), `${row.title}: ${lines.join(", ")}`);
    assert.deepEqual(lines.slice(1), ["PING and next ack"], row.title);
    assert.equal(script.machine.isClosed, false, row.title);
  } else {
    assert.deepEqual(lines, [...expect.lines, "PING and next ack"], row.title);
    assert.equal(script.machine.isClosed, false, row.title);
  }
  return [...lines, ...script.log];
}
/** Tests every row in all ways to cut it. */
export function testRows(title: string, rows: readonly Row[]): void {
  test(title, async (context) => {
    for (const row of rows) {
      await context.test(`${row.role}, ${row.state}: ${row.title}`, () => {
        const bytes = Buffer.concat([...row.frames, ping("and next")]);
        const [whole, ...others] = cutsOf(bytes).map((cut) => () => play(row, cut));
        const seen = whole?.();
        for (const other of others) assert.deepEqual(other(), seen);
      });
    }
  });
}
