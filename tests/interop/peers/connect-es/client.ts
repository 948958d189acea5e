// The client half of the connect-es peer, in its gRPC protocol.
import type { ClientSessionOptions, SecureClientSessionOptions } from "node:http2";
import { create, type DescService, type Message } from "@bufbuild/protobuf";
import { createContextValues, type StreamResponse, type Transport } from "@connectrpc/connect";
import { compressionGzip, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  CallFailure,
  type CallOptions,
  type EchoMessage,
  type Fields,
  type ProbeClient,
  type SleepReport,
  sleepStates,
} from "../../probe.ts";
import type { Conversation, StreamReport, StreamsClient } from "../../streams.ts";
import { absent, type Plain, probe, streamingOf, streams, toFailure, toFields, toHeaders, unaryOf } from "./wire.ts";

/** Transports on one session: compression is a transport's choice, not a call's. */
interface Transports {
  readonly plain: Transport;
  readonly gzip: Transport;
}

const toState = (reply: Plain) => sleepStates[Number(reply["state"])] ?? "unseen";
const toReport = (reply: Plain): SleepReport => ({ state: toState(reply), deadlineMs: Number(reply["deadlineMs"]) });

async function callOnce(
  transports: Transports,
  service: DescService,
  name: string,
  request: Plain,
  options: CallOptions,
) {
  const { metadata = [], timeoutMs, signal, gzip } = options;
  const method = unaryOf(service, name);
  const message = create(method.input, request as never);
  const transport = gzip === true ? transports.gzip : transports.plain;
  try {
    return await transport.unary(method, signal, timeoutMs, toHeaders(metadata), message, createContextValues());
  } catch (cause) {
    throw toFailure(cause);
  }
}

/** Calls again while nobody is there, if that is to be waited for: connect-es has no such wait of its own. */
async function call(transports: Transports, service: DescService, name: string, request: Plain, options: CallOptions) {
  const giveUpAt = Date.now() + (options.timeoutMs ?? 10_000);
  for (;;) {
    try {
      return await callOnce(transports, service, name, request, options);
    } catch (error) {
      const isAway = error instanceof CallFailure && error.code === 14;
      if (options.waitForReady !== true || !isAway || Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Requests that are sent one by one; connect-es takes them from an iterable. */
class Requests {
  readonly #waiting: { readonly message: Plain; readonly taken: () => void }[] = [];
  #ended = false;
  #wake: () => void = () => {};

  /** Resolves when the message has been taken, and the one after it is asked for. */
  send(message: Plain): Promise<void> {
    return new Promise((taken) => {
      this.#waiting.push({ message, taken });
      this.#wake();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Plain> {
    for (;;) {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        yield next.message;
        next.taken();
      }
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function converse<Sent, Received>(
  transports: Transports,
  name: string,
  options: CallOptions,
): Conversation<Sent, Received> {
  const { metadata = [], timeoutMs, gzip } = options;
  const method = streamingOf(streams, name);
  const transport = gzip === true ? transports.gzip : transports.plain;
  const abort = new AbortController();
  const requests = new Requests();
  const response = transport.stream(
    method,
    abort.signal,
    timeoutMs,
    toHeaders(metadata),
    requests as unknown as AsyncIterable<never>,
    createContextValues(),
  ) as Promise<StreamResponse>;
  // Whoever waits to send need not wait for longer than the call.
  let end: (why: Error) => void = () => {};
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  over.catch(() => {});
  let iterator: AsyncIterator<Message> | undefined;
  return {
    get headers(): Promise<Fields> {
      return response.then(({ header }) => toFields(header));
    },
    get trailers(): Promise<Fields> {
      return response.then(({ trailer }) => toFields(trailer));
    },
    send: (message) => Promise.race([requests.send(message as Plain), over]),
    end: () => requests.end(),
    async next() {
      try {
        iterator ??= (await response).message[Symbol.asyncIterator]();
        const result = await iterator.next();
        if (result.done !== true) return result.value as unknown as Received;
        end(new Error("the call has ended"));
        return undefined;
      } catch (cause) {
        const failure = toFailure(cause);
        end(failure);
        throw failure;
      }
    },
    cancel: () => abort.abort(),
  };
}

function connectStreams(transports: Transports): StreamsClient {
  const plain = (message: Message): Plain => message as unknown as Plain;
  return {
    feed(order, options) {
      const conversation = converse<Plain, never>(transports, "Feed", options);
      void conversation.send({ ...order }).catch(() => {});
      conversation.end();
      return conversation;
    },
    collect: (options) => converse(transports, "Collect", options),
    chat: (options) => converse(transports, "Chat", options),
    async lastStream(query, options): Promise<StreamReport> {
      const reply = plain((await call(transports, streams, "LastStream", query, options)).message);
      return { state: toState(reply), sent: Number(reply["sent"]), received: Number(reply["received"]) };
    },
    async release(query, options) {
      await call(transports, streams, "Release", query, options);
    },
    async drain(options) {
      await call(transports, streams, "Drain", {}, options);
    },
  };
}

export function connect(address: string, authority: string | undefined): ProbeClient {
  const baseUrl = `${authority === undefined ? "http" : "https"}://${address}`;
  const nodeOptions: ClientSessionOptions | SecureClientSessionOptions =
    authority === undefined ? {} : { ca: authority };
  const sessionManager = new Http2SessionManager(baseUrl, undefined, nodeOptions);
  const transports: Transports = {
    plain: createGrpcTransport({ baseUrl, sessionManager }),
    gzip: createGrpcTransport({ baseUrl, sessionManager, sendCompression: compressionGzip }),
  };
  const plain = (message: Message): Plain => message as unknown as Plain;
  return {
    async echo(sent, options) {
      const { message, header, trailer } = await call(transports, probe, "Echo", { ...sent }, options);
      const { $typeName: _, ...received } = message;
      return { message: received as unknown as EchoMessage, headers: toFields(header), trailers: toFields(trailer) };
    },
    async fail(request, options) {
      await call(transports, probe, "Fail", { ...request }, options);
    },
    async sleep(request, options) {
      return toReport(plain((await call(transports, probe, "Sleep", request, options)).message));
    },
    async lastSleep(query, options) {
      return toReport(plain((await call(transports, probe, "LastSleep", query, options)).message));
    },
    async missing(options) {
      await call(transports, probe, "Missing", {}, options);
    },
    async absent(options) {
      await call(transports, absent, "Call", {}, options);
    },
    streams: connectStreams(transports),
    async close() {
      sessionManager.abort();
    },
  };
}
