// The server half of the grpc-js peer.
import type { EventEmitter } from "node:events";
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  echoedFields,
  type FailRequest,
  interruptedStatus,
  type ServedCall,
  type SleepReport,
  type SleepState,
  Sleeps,
  sleepStates,
} from "../../probe.ts";
import type { ProbeServer, ServeOptions } from "../../serving.ts";
import { type BarePart, type Part, StreamService } from "../../streams.ts";
import { messagesOf, type Plain, probe, streams, toFields, toMetadata } from "./wire.ts";

type Running =
  | ServerUnaryCall<Plain, Plain>
  | ServerWritableStream<Plain, Plain>
  | ServerReadableStream<Plain, Plain>
  | ServerDuplexStream<Plain, Plain>;

const unary = (handle: handleUnaryCall<Plain, Plain>): handleUnaryCall<Plain, Plain> => handle;

function timeLeftMs(running: Running): number | undefined {
  const deadline = running.getDeadline();
  const at = deadline instanceof Date ? deadline.getTime() : deadline;
  return at === Infinity ? undefined : at - Date.now();
}

function served(running: Running): ServedCall {
  const abort = new AbortController();
  (running as EventEmitter).on("cancelled", () => abort.abort());
  return {
    get timeLeftMs() {
      return timeLeftMs(running);
    },
    signal: abort.signal,
  };
}

/** The failure that a request asks for, as grpc-js sends it. */
class Asked extends Error implements Partial<ServerErrorResponse> {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;

  constructor({ code, message, details }: FailRequest) {
    super(message);
    this.code = code;
    this.details = message;
    this.metadata = toMetadata(details.length > 0 ? [["grpc-status-details-bin", details]] : []);
  }
}

const fromState = (state: SleepState): number => sleepStates.indexOf(state);
const fromReport = ({ state, deadlineMs }: SleepReport): Plain => ({ state: fromState(state), deadlineMs });

function probeHandlers(): UntypedServiceImplementation {
  const sleeps = new Sleeps();
  return {
    Echo: unary((running, answer) => {
      const returned = toMetadata(echoedFields(toFields(running.metadata)));
      running.sendMetadata(returned);
      answer(null, running.request, returned);
    }),
    Fail: unary(({ request }, answer) => answer(new Asked(request as unknown as FailRequest))),
    Sleep: unary((running, answer) => {
      const { id, ms } = running.request;
      void sleeps.sleep(String(id), Number(ms), served(running)).then((report) => {
        const interrupted = interruptedStatus(report);
        if (interrupted === undefined) answer(null, fromReport(report));
        else answer({ code: interrupted, details: "the sleep was ended" });
      });
    }),
    LastSleep: unary(({ request }, answer) => {
      void sleeps
        .report(String(request["id"]), request["over"] === true)
        .then((report) => answer(null, fromReport(report)));
    }),
  };
}

/** Resolves when the client takes more, or never will. */
function untilWritable(running: EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const goOn = (): void => {
      running.off("drain", goOn).off("cancelled", goOn);
      resolve();
    };
    running.on("drain", goOn).on("cancelled", goOn);
  });
}

/** Sends what a handler yields, and no faster than the client takes it. */
async function send(
  running: ServerWritableStream<Plain, Plain> | ServerDuplexStream<Plain, Plain>,
  parts: AsyncIterable<BarePart>,
  trailers: Metadata,
): Promise<void> {
  try {
    for await (const part of parts) {
      if (!running.write(part as unknown as Plain)) await untilWritable(running);
    }
    running.end(trailers);
  } catch (error) {
    running.emit("error", error);
  }
}

function streamHandlers(drain: () => void): UntypedServiceImplementation {
  const service = new StreamService((request) => new Asked(request), drain);
  const begin = (running: Running): Metadata => {
    const returned = toMetadata(echoedFields(toFields(running.metadata)));
    running.sendMetadata(returned);
    return returned;
  };
  const partsOf = (running: ServerReadableStream<Plain, Plain> | ServerDuplexStream<Plain, Plain>) =>
    messagesOf(running) as AsyncIterable<unknown> as AsyncIterable<Part>;
  const feed: handleServerStreamingCall<Plain, Plain> = (running) => {
    const trailers = begin(running);
    void send(running, service.feed(running.request, served(running)), trailers);
  };
  const collect: handleClientStreamingCall<Plain, Plain> = (running, answer: sendUnaryData<Plain>) => {
    const trailers = begin(running);
    service.collect(partsOf(running), served(running)).then(
      (summary) => answer(null, { ...summary }, trailers),
      (error: Error) => answer(error),
    );
  };
  const chat: handleBidiStreamingCall<Plain, Plain> = (running) => {
    const trailers = begin(running);
    void send(running, service.chat(partsOf(running), served(running)), trailers);
  };
  return {
    Feed: feed,
    Collect: collect,
    Chat: chat,
    LastStream: unary(({ request }, answer) => {
      void service
        .lastStream({ id: String(request["id"]), over: request["over"] === true })
        .then(({ state, sent, received }) => answer(null, { state: fromState(state), sent, received }));
    }),
    Release: unary(({ request }, answer) => {
      service.release({ id: String(request["id"]) });
      answer(null, {});
    }),
    Drain: unary((_, answer) => {
      answer(null, {});
      service.drain();
    }),
  };
}

export async function serve({ port, identity, drain }: ServeOptions): Promise<ProbeServer> {
  const server = new Server({ "grpc.max_concurrent_streams": 100 });
  server.addService(probe, probeHandlers());
  server.addService(streams, streamHandlers(drain));
  const secrets =
    identity === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(identity.cert), private_key: Buffer.from(identity.key) },
        ]);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, secrets, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
  return {
    port: bound,
    drain: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
      }),
    async close() {
      server.forceShutdown();
    },
  };
}
