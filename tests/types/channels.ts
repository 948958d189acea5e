// What the types of channels, interceptors and errors promise, and what they refuse: compiled, never run.
import {
  CallError,
  type ClientCallContext,
  type DialOptions,
  dial,
  type Execution,
  type Interceptor,
  Metadata,
  type Phase,
  type ServerCall,
} from "farcall";
import { assertType, Folders, type Same } from "./contract.ts";

/** One interceptor on the client, one that serves on both sides. */
const onClient: Interceptor<ClientCallContext> = async (call, next) => {
  call.metadata.set("x-path", call.method.path);
  const peer: string | undefined = call.peer;
  if (peer !== undefined) call.metadata.set("x-peer", peer);
  // @ts-expect-error the deadline was decided before
  call.timeoutMs = 5;
  return await next();
};
const onBoth = async (call: ClientCallContext | ServerCall, next: (request?: unknown) => unknown): Promise<unknown> => {
  try {
    return await next(call.request);
  } catch (error) {
    if (error instanceof CallError && error.execution === "not-executed") return next();
    throw error;
  }
};

const options: DialOptions = {
  timeoutMs: Number.POSITIVE_INFINITY,
  waitForReady: true,
  compression: "gzip",
  insecure: true,
  authority: "folders.example",
  maxMessageBytes: 5,
  interceptors: [onClient, onBoth],
  limits: { http2: { streamWindowBytes: 65_535 } },
};
export const channels = [dial("tcp://127.0.0.1:1", options), dial(["tcp://[::1]:1", "unix:/a"]), dial("memory:x", {})];
// @ts-expect-error no such option
dial("memory:x", { deadline: 5 });
// @ts-expect-error an option that is set to nothing is a mistake
dial("memory:x", { timeoutMs: undefined });
// @ts-expect-error no such limit
dial("memory:x", { limits: { http2: { windowBytes: 5 } } });
// @ts-expect-error an address is text or a stream
dial(5000);
// @ts-expect-error a server's interceptor reads who called, which a client does not know
dial("memory:x", { interceptors: [(call: ServerCall, next) => next(call.peer)] });

export function callOptions(parent: ServerCall, signal: AbortSignal): void {
  const stub = channels[0]?.stub(Folders);
  void stub?.get(
    {},
    {
      parent,
      signal,
      metadata: { "x-name": "a", "x-names": ["a", "b"], "x-bytes-bin": new Uint8Array(1) },
      onHeaders: (metadata) => void metadata.get("x-name"),
      onTrailers: (metadata) => void metadata.get("x-name"),
      waitForReady: false,
    },
  );
  void stub?.get({}, { metadata: new Metadata({ a: "b" }) });
  // @ts-expect-error metadata is text or bytes
  void stub?.get({}, { metadata: { "x-count": 5 } });
  // @ts-expect-error a controller is no signal
  void stub?.get({}, { signal: new AbortController() });
}

assertType<Same<CallError["execution"], Execution>>();
assertType<Same<Execution, "not-executed" | "executed" | "unknown">>();

export function mayTryAgain(error: CallError): boolean {
  const phase: Phase = error.phase;
  // @ts-expect-error a word that no call ends with
  if (error.execution === "maybe") return false;
  // @ts-expect-error a status that gRPC lacks
  if (error.code === "TIMEOUT") return false;
  // @ts-expect-error OK is no error
  if (error.code === "OK") return false;
  return error.code === "UNAVAILABLE" && phase !== "sent";
}
