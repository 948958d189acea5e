// The server half of the connect-es peer.
import { createSecureServer, createServer, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Message } from "@bufbuild/protobuf";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  encodeBinaryHeader,
  type HandlerContext,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
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
import { type Order, type Part, StreamService } from "../../streams.ts";
import { type Plain, probe, Status, streams, toFields } from "./wire.ts";

/** The failure that a request asks for. */
function asked({ code, message, details }: FailRequest): ConnectError {
  const failure = new ConnectError(message, code as Code);
  if (details.length === 0) return failure;
  const status = Status.toObject(Status.decode(details)) as { details: { type_url: string; value: Uint8Array }[] };
  for (const { type_url, value } of status.details) {
    failure.details.push({ type: type_url.replace("type.googleapis.com/", ""), value: Uint8Array.from(value) });
  }
  return failure;
}

/** Request metadata named `probe-...` goes back in headers and trailers. */
function returnMetadata(context: HandlerContext): void {
  for (const [name, value] of echoedFields(toFields(context.requestHeader))) {
    const text = typeof value === "string" ? value : encodeBinaryHeader(value);
    context.responseHeader.append(name, text);
    context.responseTrailer.append(name, text);
  }
}

const served = (context: HandlerContext): ServedCall => ({
  get timeLeftMs() {
    return context.timeoutMs();
  },
  signal: context.signal,
});

const plain = (message: Message): Plain => message as unknown as Plain;
const fromState = (state: SleepState): number => sleepStates.indexOf(state);
const fromReport = ({ state, deadlineMs }: SleepReport) => ({
  state: fromState(state),
  deadlineMs: BigInt(deadlineMs),
});

function probeHandlers() {
  const sleeps = new Sleeps();
  return {
    echo(request: Message, context: HandlerContext) {
      returnMetadata(context);
      return request;
    },
    fail(request: Message) {
      throw asked(request as unknown as FailRequest);
    },
    async sleep(request: Message, context: HandlerContext) {
      const { id, ms } = plain(request);
      const report = await sleeps.sleep(String(id), Number(ms), served(context));
      const interrupted = interruptedStatus(report);
      if (interrupted !== undefined) throw new ConnectError("the sleep was ended", interrupted as Code);
      return fromReport(report);
    },
    async lastSleep(request: Message) {
      const { id, over } = plain(request);
      return fromReport(await sleeps.report(String(id), over === true));
    },
  };
}

function streamHandlers(drain: () => void) {
  const service = new StreamService(asked, drain);
  const partsOf = (requests: AsyncIterable<Message>) => requests as unknown as AsyncIterable<Part>;
  return {
    feed(order: Message, context: HandlerContext) {
      returnMetadata(context);
      return service.feed(order as unknown as Order, served(context));
    },
    collect(requests: AsyncIterable<Message>, context: HandlerContext) {
      returnMetadata(context);
      return service.collect(partsOf(requests), served(context));
    },
    chat(requests: AsyncIterable<Message>, context: HandlerContext) {
      returnMetadata(context);
      return service.chat(partsOf(requests), served(context));
    },
    async lastStream(request: Message) {
      const { id, over } = plain(request);
      const { state, sent, received } = await service.lastStream({ id: String(id), over: over === true });
      return { state: fromState(state), sent, received };
    },
    release(request: Message) {
      service.release({ id: String(plain(request)["id"]) });
      return {};
    },
    drain() {
      service.drain();
      return {};
    },
  };
}

export async function serve({ port, identity, drain }: ServeOptions): Promise<ProbeServer> {
  const routes = (router: ConnectRouter): void => {
    router.service(probe, probeHandlers() as never);
    router.service(streams, streamHandlers(drain) as never);
  };
  const settings = { maxConcurrentStreams: 100 };
  // It compresses whatever is larger, where the client takes it; what slow readers are sent is to be as large as it looks.
  const handler = connectNodeAdapter({ routes, compressMinBytes: 64 * 1024 });
  const server =
    identity === undefined
      ? createServer({ settings }, handler)
      : createSecureServer({ settings, ...identity }, handler);
  const sessions = new Set<Http2Session>();
  server.on("session", (session: Http2Session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async drain() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.close();
      await closed;
    },
    async close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}
