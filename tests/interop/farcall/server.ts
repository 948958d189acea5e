// Our own server of the interop matrix, on nothing but the public API.
import { CallError, implement, type ServerCall, serve, statusCodes } from "farcall";
import {
  echoedFields,
  type FailRequest,
  type ServedCall,
  type SleepReport,
  type SleepState,
  Sleeps,
} from "../probe.ts";
import { type Identity, type ProbeServer, type ServeOptions, serveAgain } from "../serving.ts";
import { StreamService } from "../streams.ts";
import { Probe, type SleepState as States, Status, Streams } from "./contract.ts";

interface PlainStatus {
  readonly details?: readonly { readonly type_url: string; readonly value: Uint8Array }[];
}

/** The failure that a request asks for. */
function asked({ code, message: text, details }: FailRequest): CallError {
  const name = statusCodes[code];
  if (name === undefined || name === "OK") return new CallError("INVALID_ARGUMENT", `${code} is no failure`);
  const status = details.length === 0 ? {} : (Status.toObject(Status.decode(details)) as PlainStatus);
  const sent = (status.details ?? []).map(({ type_url, value }) => ({ typeUrl: type_url, value }));
  return new CallError(name, text, { details: sent });
}

/** Request metadata named `probe-...` goes back in headers and trailers. */
function returnMetadata(call: ServerCall): void {
  const returned = echoedFields([...call.metadata]);
  call.sendHeaders(returned);
  call.setTrailers(returned);
}

const served = (call: ServerCall): ServedCall => ({
  get timeLeftMs() {
    return Number.isFinite(call.timeLeftMs) ? call.timeLeftMs : undefined;
  },
  signal: call.signal,
});

const fromState = (state: SleepState) => state.toUpperCase() as keyof typeof States.values;

const fromReport = ({ state, deadlineMs }: SleepReport) => ({
  state: fromState(state),
  deadlineMs: BigInt(deadlineMs),
});

function implementProbe() {
  const sleeps = new Sleeps();
  return implement(
    Probe,
    {
      echo(request, call) {
        returnMetadata(call);
        return request;
      },
      fail(request) {
        throw asked(request);
      },
      sleep: async ({ id, ms }, call) => fromReport(await sleeps.sleep(id, ms, served(call))),
      lastSleep: async ({ id, over }) => fromReport(await sleeps.report(id, over)),
    },
    { partial: true },
  );
}

function implementStreams(drain: () => void) {
  const streams = new StreamService(asked, drain);
  return implement(Streams, {
    feed(order, call) {
      returnMetadata(call);
      return streams.feed(order, served(call));
    },
    collect(parts, call) {
      returnMetadata(call);
      return streams.collect(parts, served(call));
    },
    chat(parts, call) {
      returnMetadata(call);
      return streams.chat(parts, served(call));
    },
    async lastStream(query) {
      const { state, sent, received } = await streams.lastStream(query);
      return { state: fromState(state), sent, received };
    },
    release(query) {
      streams.release(query);
      return {};
    },
    drain() {
      streams.drain();
      return {};
    },
  });
}

/** Our server on a free loopback port. `gzip` compresses its replies, `identity` has it speak TLS. */
export function serveFarcall(options: { gzip?: boolean; identity?: Identity } = {}) {
  const compression = options.gzip === true ? { compression: "gzip" } : {};
  const start = async ({ port, identity, drain }: ServeOptions): Promise<ProbeServer> => {
    const services = [implementProbe(), implementStreams(drain)];
    const address = `${identity === undefined ? "tcp" : "tls"}://127.0.0.1:${port}`;
    const server = await serve(address, services, { ...compression, ...(identity !== undefined && { tls: identity }) });
    return {
      port: Number(new URL((server.addresses[0] as string).replace(/^tls/, "tcp")).port),
      drain: () => server.drain({ withinMs: 10_000 }),
      close: () => server.close(),
    };
  };
  return serveAgain(start, options.identity);
}
