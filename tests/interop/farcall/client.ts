// Our own client of the interop matrix, on nothing but the public API.
import { CallError, type Channel, dial, Metadata, type CallOptions as OurOptions, statusCodes } from "farcall";
import type { MessageOf } from "farcall/marshal";
import { CallFailure, type CallOptions, type Fields, type ProbeClient, type SleepReport } from "../probe.ts";
import type { Conversation, Part, StreamReport, StreamsClient, Summary } from "../streams.ts";
import {
  Absent,
  Probe,
  type SleepReport as Report,
  Status,
  type StreamReport as StreamReportType,
  Streams,
} from "./contract.ts";

/** The failure as the cases speak of it; details come back in the form that they were sent in. */
function toFailure(error: unknown): unknown {
  if (!(error instanceof CallError)) return error;
  const code = statusCodes.indexOf(error.code);
  const details = error.details.map(({ typeUrl, value }) => ({ type_url: typeUrl, value }));
  const status = Status.encode(Status.fromObject({ code, message: error.message, details })).finish();
  return new CallFailure(code, error.message, details.length === 0 ? undefined : status);
}

async function settle<Reply>(call: PromiseLike<Reply>): Promise<Reply> {
  try {
    return await call;
  } catch (error) {
    throw toFailure(error);
  }
}

function toOptions({ metadata, timeoutMs, signal, gzip, waitForReady }: CallOptions): OurOptions {
  return {
    timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
    ...(metadata !== undefined && { metadata: new Metadata(metadata) }),
    ...(signal !== undefined && { signal }),
    ...(gzip === true && { compression: "gzip" }),
    ...(waitForReady !== undefined && { waitForReady }),
  };
}

type State = SleepReport["state"];

const toReport = ({ state, deadlineMs }: MessageOf<typeof Report>): SleepReport => ({
  state: String(state).toLowerCase() as State,
  deadlineMs: Number(deadlineMs),
});

const toStreamReport = ({ state, sent, received }: MessageOf<typeof StreamReportType>): StreamReport => ({
  state: String(state).toLowerCase() as State,
  sent,
  received,
});

/** What a stream of any kind has. */
interface AnyStream {
  readonly headers: Promise<Metadata>;
  readonly trailers: Promise<Metadata>;
  cancel(): void;
}

const inCommon = (stream: AnyStream) => ({
  get headers(): Promise<Fields> {
    return settle(stream.headers).then((metadata) => [...metadata]);
  },
  get trailers(): Promise<Fields> {
    return settle(stream.trailers).then((metadata) => [...metadata]);
  },
  cancel: () => stream.cancel(),
});

/** A stream of one answer is read as one message and an end. */
async function* once<Message>(reply: Promise<Message>): AsyncGenerator<Message> {
  yield await reply;
}

function converse<Sent, Received>(
  stream: AnyStream & Partial<{ send(message: Sent): Promise<void>; end(): void }>,
  replies: AsyncIterator<Received>,
): Conversation<Sent, Received> {
  return Object.assign(Object.create(inCommon(stream)), {
    send: (message: Sent) => settle(stream.send?.(message) ?? Promise.resolve()),
    end: () => stream.end?.(),
    async next() {
      const result = await settle(replies.next());
      return result.done === true ? undefined : result.value;
    },
  });
}

function connectStreams(channel: Channel): StreamsClient {
  const streams = channel.stub(Streams);
  return {
    feed(order, options) {
      const stream = streams.feed(order, toOptions(options));
      return converse<never, Part>(stream, stream[Symbol.asyncIterator]());
    },
    collect(options) {
      const stream = streams.collect(undefined, toOptions(options));
      return converse<Part, Summary>(stream, once(stream.reply));
    },
    chat(options) {
      const stream = streams.chat(undefined, toOptions(options));
      return converse<Part, Part>(stream, stream[Symbol.asyncIterator]());
    },
    lastStream: async (query, options) => toStreamReport(await settle(streams.lastStream(query, toOptions(options)))),
    async release(query, options) {
      await settle(streams.release(query, toOptions(options)));
    },
    async drain(options) {
      await settle(streams.drain({}, toOptions(options)));
    },
  };
}

/** Our client, at an address such as `127.0.0.1:50051`; with an authority to trust it speaks TLS. */
export function connectFarcall(address: string, authority?: string): ProbeClient {
  const channel =
    authority === undefined ? dial(`tcp://${address}`) : dial(`tls://${address}`, { tls: { ca: authority } });
  const probe = channel.stub(Probe);
  const absent = channel.stub(Absent);
  return {
    async echo(request, options) {
      let headers: Fields = [];
      let trailers: Fields = [];
      const reply = await settle(
        probe.echo(request, {
          ...toOptions(options),
          onHeaders: (metadata) => {
            headers = [...metadata];
          },
          onTrailers: (metadata) => {
            trailers = [...metadata];
          },
        }),
      );
      return { message: reply, headers, trailers };
    },
    async fail(request, options) {
      await settle(probe.fail(request, toOptions(options)));
    },
    sleep: async (request, options) => toReport(await settle(probe.sleep(request, toOptions(options)))),
    lastSleep: async (query, options) => toReport(await settle(probe.lastSleep(query, toOptions(options)))),
    async missing(options) {
      await settle(probe.missing({}, toOptions(options)));
    },
    async absent(options) {
      await settle(absent.call({}, toOptions(options)));
    },
    streams: connectStreams(channel),
    connectionCount: () => channel.snapshot().connections.length,
    close: () => channel.close(),
  };
}
