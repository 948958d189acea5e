// The client half of the grpc-js peer.
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  type Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  type CallOptions,
  type EchoMessage,
  type Fields,
  type ProbeClient,
  type SleepReport,
  sleepStates,
} from "../../probe.ts";
import type { Conversation, Part, StreamReport, StreamsClient, Summary } from "../../streams.ts";
import {
  absent,
  messagesOf,
  type Plain,
  type Procedure,
  probe,
  streams,
  toFailure,
  toFields,
  toMetadata,
} from "./wire.ts";

/** A channel for calls that compress, one for those that do not: it is grpc-js' choice of a channel, not of a call. */
interface Channels {
  readonly plain: Client;
  readonly gzip: Client;
}

const toState = (reply: Plain) => sleepStates[Number(reply["state"])] ?? "unseen";
const toReport = (reply: Plain): SleepReport => ({ state: toState(reply), deadlineMs: Number(reply["deadlineMs"]) });

function parametersOf({ metadata = [], timeoutMs, waitForReady }: CallOptions) {
  const fields = toMetadata(metadata);
  if (waitForReady === true) fields.setOptions({ waitForReady });
  return { fields, limits: timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs } };
}

interface Answer {
  readonly reply: Plain;
  readonly headers: Fields;
  readonly trailers: Fields;
}

function call(channels: Channels, procedure: Procedure, request: Plain, options: CallOptions): Promise<Answer> {
  const { path, requestSerialize, responseDeserialize } = procedure;
  const { fields, limits } = parametersOf(options);
  const client = options.gzip === true ? channels.gzip : channels.plain;
  return new Promise((resolve, reject) => {
    let headers: Fields = [];
    let reply: Plain = {};
    const onReply = (error: ServiceError | null, value?: Plain): void => {
      if (error === null) reply = value ?? {};
      else reject(toFailure(error));
    };
    const running = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      fields,
      limits,
      onReply,
    );
    running.on("metadata", (received: Metadata) => {
      headers = toFields(received);
    });
    // The status comes after the reply's callback.
    running.on("status", (status) => resolve({ reply, headers, trailers: toFields(status.metadata) }));
    options.signal?.addEventListener("abort", () => running.cancel(), { once: true });
  });
}

/** What the streaming calls of grpc-js have in common. */
type Running = ClientReadableStream<Plain> | ClientWritableStream<Plain> | ClientDuplexStream<Plain, Plain>;

/** A promise that nobody need wait for. */
function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

function inCommon(running: Running) {
  const headers = new Promise<Fields>((resolve, reject) => {
    running.on("metadata", (received: Metadata) => resolve(toFields(received)));
    running.on("error", (error) => reject(toFailure(error as ServiceError)));
  });
  const trailers = new Promise<Fields>((resolve) => {
    running.on("status", (status: { metadata: Metadata }) => resolve(toFields(status.metadata)));
  });
  return { headers: quiet(headers), trailers, cancel: () => running.cancel() };
}

const readingOnly = { send: () => Promise.resolve(), end: () => {} };

/** Messages one by one; the failure comes behind those that came. */
function reading(running: ClientReadableStream<Plain> | ClientDuplexStream<Plain, Plain>) {
  const messages = messagesOf(running);
  return {
    async next() {
      const result = await messages.next().catch((error: unknown) => Promise.reject(toFailure(error as ServiceError)));
      return result.done === true ? undefined : (result.value as unknown as Part);
    },
  };
}

function writing(running: ClientWritableStream<Plain> | ClientDuplexStream<Plain, Plain>) {
  let over = false;
  running.on("status", () => {
    over = true;
  });
  return {
    // The callback comes when the message has been taken by the transport: that is how grpc-js holds writers back.
    send: (message: Part) =>
      new Promise<void>((resolve, reject) => {
        if (over) return reject(new Error("the call has ended"));
        running.on("status", reject);
        running.write(message as unknown as Plain, (error?: Error | null) => {
          running.off("status", reject);
          if (error === null || error === undefined) resolve();
          else reject(error);
        });
      }),
    end: () => void running.end(),
  };
}

function connectStreams(channels: Channels): StreamsClient {
  const start = ({ path, requestSerialize, responseDeserialize }: Procedure, options: CallOptions) => {
    const { fields, limits } = parametersOf(options);
    const client = options.gzip === true ? channels.gzip : channels.plain;
    return { client, words: [path, requestSerialize, responseDeserialize] as const, rest: [fields, limits] as const };
  };
  return {
    feed(order, options): Conversation<never, Part> {
      const { client, words, rest } = start(streams.Feed, options);
      const running = client.makeServerStreamRequest(...words, { ...order }, ...rest);
      return { ...inCommon(running), ...readingOnly, ...reading(running) };
    },
    collect(options): Conversation<Part, Summary> {
      const { client, words, rest } = start(streams.Collect, options);
      let answer: (error: ServiceError | null, value?: Plain) => void = () => {};
      const running = client.makeClientStreamRequest(...words, ...rest, (error, value) => answer(error, value));
      const replied = quiet(
        new Promise<Summary>((resolve, reject) => {
          answer = (error, value) => (error === null ? resolve(value as unknown as Summary) : reject(toFailure(error)));
        }),
      );
      let taken = false;
      const next = async (): Promise<Summary | undefined> => {
        const summary = await replied;
        if (taken) return undefined;
        taken = true;
        return summary;
      };
      return { ...inCommon(running), ...writing(running), next };
    },
    chat(options): Conversation<Part, Part> {
      const { client, words, rest } = start(streams.Chat, options);
      const running = client.makeBidiStreamRequest(...words, ...rest);
      return { ...inCommon(running), ...writing(running), ...reading(running) };
    },
    async lastStream(query, options): Promise<StreamReport> {
      const { reply } = await call(channels, streams.LastStream, query, options);
      return { state: toState(reply), sent: Number(reply["sent"]), received: Number(reply["received"]) };
    },
    async release(query, options) {
      await call(channels, streams.Release, query, options);
    },
    async drain(options) {
      await call(channels, streams.Drain, {}, options);
    },
  };
}

export function connect(address: string, authority: string | undefined): ProbeClient {
  const secrets =
    authority === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(authority));
  const plain = new Client(address, secrets);
  const gzip = new Client(address, secrets, { "grpc.default_compression_algorithm": 2 });
  const channels = { plain, gzip };
  return {
    async echo(message, options) {
      const { reply, headers, trailers } = await call(channels, probe.Echo, { ...message }, options);
      return { message: reply as unknown as EchoMessage, headers, trailers };
    },
    async fail(request, options) {
      await call(channels, probe.Fail, { ...request }, options);
    },
    async sleep(request, options) {
      return toReport((await call(channels, probe.Sleep, request, options)).reply);
    },
    async lastSleep(query, options) {
      return toReport((await call(channels, probe.LastSleep, query, options)).reply);
    },
    async missing(options) {
      await call(channels, probe.Missing, {}, options);
    },
    async absent(options) {
      await call(channels, absent, {}, options);
    },
    streams: connectStreams(channels),
    async close() {
      plain.close();
      gzip.close();
    },
  };
}
