// Test support: a service whose handlers are told by the request what to do, and which keeps its own record of what ran.
// The record is the judge: whatever a client says of a call is held against it.
import assert from "node:assert/strict";
import { CallError, implement, type ServerCall } from "farcall";
import { bytes, message, service, string, unary } from "farcall/idl";

export const Request = message("trials.Request", { tag: string(1), payload: bytes(2) });
export const Reply = message("trials.Reply", { tag: string(1), payload: bytes(2) });
export const Probe = service("trials.Probe", { run: unary(Request, Reply), other: unary(Request, Reply) });

export interface ProbeRequest {
  readonly tag: string;
  readonly payload: Uint8Array;
}

type Answer = { tag?: string; payload?: Uint8Array };
export type Behaviour = (request: ProbeRequest, call: ServerCall) => Answer | Promise<Answer>;

/** How often a handler was entered, and how often it came to an end, by the request's tag. */
export class Tally {
  readonly started = new Map<string, number>();
  readonly settled = new Map<string, number>();

  start(tag: string): void {
    this.started.set(tag, this.starts(tag) + 1);
  }

  settle(tag: string): void {
    this.settled.set(tag, this.settles(tag) + 1);
  }

  starts(tag: string): number {
    return this.started.get(tag) ?? 0;
  }

  settles(tag: string): number {
    return this.settled.get(tag) ?? 0;
  }

  get total(): number {
    return [...this.started.values()].reduce((sum, count) => sum + count, 0);
  }
}

const echo: Behaviour = ({ tag, payload }) => ({ tag, payload });

/** The probe, with a record of what ran. */
export function implementProbe(tally: Pick<Tally, "start" | "settle">, behaviour: Behaviour = echo) {
  const handle: Behaviour = (request, call) => {
    tally.start(request.tag);
    let answer: ReturnType<Behaviour>;
    try {
      answer = behaviour(request, call);
    } catch (error) {
      tally.settle(request.tag);
      throw error;
    }
    if (!(answer instanceof Promise)) {
      tally.settle(request.tag);
      return answer;
    }
    return answer.finally(() => tally.settle(request.tag));
  };
  return implement(Probe, { run: handle, other: handle });
}

/** Waits for a call in memory on the real machine, where its deadline alone keeps no process alive. */
export function alive<Value>(call: Promise<Value>): Promise<Value> {
  const handle = setTimeout(() => {}, 10_000);
  return call.finally(() => clearTimeout(handle));
}

/** The failure of a call; a call that succeeds fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof CallError) return outcome;
  throw outcome ?? new assert.AssertionError({ message: "the call succeeded" });
}

/** How a call ended, as one line: `OK`, or code, phase, word and attempts. */
export async function endingOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "OK",
    (error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      return `${error.code} ${error.phase} ${error.execution} ${error.attempts}`;
    },
  );
}

/** Lets the event loop turn until `isMet`; fails after `withinMs`. */
export async function until(isMet: () => boolean, what: string, withinMs = 5000): Promise<void> {
  const endAt = performance.now() + withinMs;
  while (!isMet()) {
    if (performance.now() > endAt) throw new assert.AssertionError({ message: `${what}: not within ${withinMs} ms` });
    await turns(1);
  }
}

/** So many turns of the event loop: what is under way in memory arrives. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<Value = void>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Fails the test when anything it starts is left to the process to die of. Answers a function that looks. */
export function watchProcess(): { readonly check: () => Promise<void> } {
  const seen: unknown[] = [];
  const note = (error: unknown): void => void seen.push(error);
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  return {
    check: async () => {
      await turns(5);
      process.off("unhandledRejection", note);
      process.off("uncaughtException", note);
      assert.deepEqual(seen, []);
    },
  };
}
