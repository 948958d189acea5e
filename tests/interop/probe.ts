// interop.Probe as the TypeScript peers and the tests speak of it, whatever toolkit carries it: shapes and failures, and
// what a server of it remembers. Nothing here knows a toolkit.

import { Latch } from "./latch.ts";
import type { StreamsClient } from "./streams.ts";

/** Metadata: lower-case names, one entry a value, `-bin` values as bytes. */
export type Fields = readonly (readonly [name: string, value: string | Uint8Array])[];

export interface EchoMessage {
  readonly message: string;
  readonly n: number;
  readonly payload: Uint8Array;
}

/** The states of interop.SleepState, by number. */
export const sleepStates = ["unseen", "sleeping", "done", "cancelled", "deadline"] as const;
export type SleepState = (typeof sleepStates)[number];

export interface SleepReport {
  readonly state: SleepState;
  /** Milliseconds left when the handler began; -1: there was no deadline. */
  readonly deadlineMs: number;
}

export interface CallOptions {
  readonly metadata?: Fields;
  /** Absent: the call has no deadline. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Compresses the request. */
  readonly gzip?: boolean;
  /** Waits until the server can be reached. */
  readonly waitForReady?: boolean;
}

/** A call that failed, as its client saw it. */
export class CallFailure extends Error {
  /** The gRPC status code. */
  readonly code: number;
  /** `grpc-status-details-bin`, when there was one. */
  readonly details: Uint8Array | undefined;

  constructor(code: number, message: string, details: Uint8Array | undefined) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export interface FailRequest {
  readonly code: number;
  readonly message: string;
  /** Empty, or a serialized google.rpc.Status. */
  readonly details: Uint8Array;
}

/** A client of interop.Probe and interop.Streams. Failed calls reject with a `CallFailure`. */
export interface ProbeClient {
  echo(
    message: EchoMessage,
    options: CallOptions,
  ): Promise<{ message: EchoMessage; headers: Fields; trailers: Fields }>;
  fail(request: FailRequest, options: CallOptions): Promise<void>;
  sleep(request: { id: string; ms: number }, options: CallOptions): Promise<SleepReport>;
  lastSleep(query: { id: string; over: boolean }, options: CallOptions): Promise<SleepReport>;
  /** Calls the method that no server implements. */
  missing(options: CallOptions): Promise<void>;
  /** Calls the service that no server has. */
  absent(options: CallOptions): Promise<void>;
  readonly streams: StreamsClient;
  /** Connections of a client that may have more than one. */
  connectionCount?(): number;
  close(): Promise<void>;
}

/** What a handler can tell of the call that it serves. */
export interface ServedCall {
  /** Milliseconds left; undefined: no deadline. */
  readonly timeLeftMs: number | undefined;
  /** Aborted when the call is over for its caller. */
  readonly signal: AbortSignal;
}

interface SleepRecord {
  report: SleepReport;
  readonly begun: Latch;
  readonly over: Latch;
}

/** The gRPC status of an interrupted call. It is no success: its client may not have noticed its own deadline yet. */
export function interruptedStatus({ state }: Pick<SleepReport, "state">): 1 | 4 | undefined {
  if (state === "done") return undefined;
  return state === "deadline" ? 4 : 1;
}

/** What a server knows of its Sleep calls, by the caller's id. */
export class Sleeps {
  readonly #records = new Map<string, SleepRecord>();

  /** Sleeps until `ms` are over or the call is. */
  async sleep(id: string, ms: number, call: ServedCall): Promise<SleepReport> {
    const record = this.#find(id);
    const startedAt = performance.now();
    const timeLeftMs = call.timeLeftMs;
    const deadlineMs = timeLeftMs === undefined ? -1 : Math.round(timeLeftMs);
    record.report = { state: "sleeping", deadlineMs };
    record.begun.open();
    const woken = await Latch.within(ms, call.signal);
    const late = timeLeftMs !== undefined && performance.now() - startedAt >= timeLeftMs - 1;
    record.report = { state: !woken ? "done" : late ? "deadline" : "cancelled", deadlineMs };
    record.over.open();
    return record.report;
  }

  /** The report of a sleep once it has begun or, with `over`, has ended. */
  async report(id: string, over: boolean): Promise<SleepReport> {
    const record = this.#find(id);
    await (over ? record.over : record.begun).opened;
    return record.report;
  }

  #find(id: string): SleepRecord {
    let record = this.#records.get(id);
    if (record === undefined) {
      record = { report: { state: "unseen", deadlineMs: -1 }, begun: new Latch(), over: new Latch() };
      this.#records.set(id, record);
    }
    return record;
  }
}

/** The metadata that Echo returns: what the caller named `probe-...`. */
export function echoedFields(fields: Fields): Fields {
  return fields.filter(([name]) => name.startsWith("probe-"));
}
