// The connect-es peer of the interop matrix, in its gRPC protocol; messages by protobuf-es.
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type DescMethodUnary, type DescService, type Message } from "@bufbuild/protobuf";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  createContextValues,
  decodeBinaryHeader,
  encodeBinaryHeader,
  type HandlerContext,
} from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  CallFailure,
  type CallOptions,
  type EchoMessage,
  echoedFields,
  type Fields,
  interruptedStatus,
  type ProbeClient,
  type ProbeServer,
  type SleepReport,
  Sleeps,
  sleepStates,
} from "../probe.ts";
import { createRegistry, probeRoot } from "../schema.ts";
import { runProgram } from "./program.ts";

type Plain = Readonly<Record<string, unknown>>;

const root = probeRoot();
const registry = createRegistry(root);
const Status = root.lookupType("google.rpc.Status");

function serviceOf(name: string): DescService {
  const service = registry.getService(name);
  if (service === undefined) throw new Error(`probe.proto has no ${name}`);
  return service;
}

const probe = serviceOf("interop.Probe");

function methodOf(service: DescService, name: string): DescMethodUnary {
  const method = service.methods.find((candidate) => candidate.name === name);
  if (method?.methodKind !== "unary") throw new Error(`${service.typeName} has no unary ${name}`);
  return method as DescMethodUnary;
}

function toHeaders(fields: Fields): Headers {
  const headers = new Headers();
  for (const [name, value] of fields)
    headers.append(name, typeof value === "string" ? value : encodeBinaryHeader(value));
  return headers;
}

function toFields(headers: Headers): Fields {
  const fields: (readonly [string, string | Uint8Array])[] = [];
  headers.forEach((value, name) => {
    if (name.startsWith("probe-")) fields.push([name, name.endsWith("-bin") ? decodeBinaryHeader(value) : value]);
  });
  return fields;
}

const toReport = (reply: Plain): SleepReport => ({
  state: sleepStates[Number(reply["state"])] ?? "unseen",
  deadlineMs: Number(reply["deadlineMs"]),
});

function connect(address: string): ProbeClient {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createGrpcTransport({ baseUrl, sessionManager });
  async function call(service: DescService, name: string, request: Plain, options: CallOptions) {
    const { metadata = [], timeoutMs, signal } = options;
    const method = methodOf(service, name);
    const message = create(method.input, request as never);
    try {
      return await transport.unary(method, signal, timeoutMs, toHeaders(metadata), message, createContextValues());
    } catch (cause) {
      const { code, rawMessage, metadata: trailers } = ConnectError.from(cause);
      const details = trailers.get("grpc-status-details-bin");
      throw new CallFailure(code, rawMessage, details === null ? undefined : decodeBinaryHeader(details));
    }
  }
  const plain = (message: Message): Plain => message as unknown as Plain;
  return {
    async echo(sent, options) {
      const { message, header, trailer } = await call(probe, "Echo", { ...sent }, options);
      const { $typeName: _, ...received } = message;
      return { message: received as unknown as EchoMessage, headers: toFields(header), trailers: toFields(trailer) };
    },
    async fail(request, options) {
      await call(probe, "Fail", request, options);
    },
    async sleep(request, options) {
      return toReport(plain((await call(probe, "Sleep", request, options)).message));
    },
    async lastSleep(query, options) {
      return toReport(plain((await call(probe, "LastSleep", query, options)).message));
    },
    async missing(options) {
      await call(probe, "Missing", {}, options);
    },
    async absent(options) {
      await call(serviceOf("interop.Absent"), "Call", {}, options);
    },
    async close() {
      sessionManager.abort();
    },
  };
}

/** The failure that a request asks for. */
function asked(request: Plain): ConnectError {
  const failure = new ConnectError(String(request["message"]), Number(request["code"]) as Code);
  const encoded = request["details"] as Uint8Array;
  if (encoded.length === 0) return failure;
  const status = Status.toObject(Status.decode(encoded)) as { details: { type_url: string; value: Uint8Array }[] };
  for (const { type_url, value } of status.details) {
    failure.details.push({ type: type_url.replace("type.googleapis.com/", ""), value: Uint8Array.from(value) });
  }
  return failure;
}

function addRoutes(router: ConnectRouter): void {
  const sleeps = new Sleeps();
  const fromReport = ({ state, deadlineMs }: SleepReport) => ({
    state: sleepStates.indexOf(state),
    deadlineMs: BigInt(deadlineMs),
  });
  const handlers = {
    echo(request: Message, context: HandlerContext) {
      for (const [name, value] of echoedFields(toFields(context.requestHeader))) {
        const text = typeof value === "string" ? value : encodeBinaryHeader(value);
        context.responseHeader.append(name, text);
        context.responseTrailer.append(name, text);
      }
      return request;
    },
    fail(request: Message) {
      throw asked(request as unknown as Plain);
    },
    async sleep(request: Message, context: HandlerContext) {
      const { id, ms } = request as unknown as Plain;
      const served = { timeLeftMs: context.timeoutMs(), signal: context.signal };
      const report = await sleeps.sleep(String(id), Number(ms), served);
      const interrupted = interruptedStatus(report);
      if (interrupted !== undefined) throw new ConnectError("the sleep was ended", interrupted as Code);
      return fromReport(report);
    },
    async lastSleep(request: Message) {
      const { id, over } = request as unknown as Plain;
      return fromReport(await sleeps.report(String(id), over === true));
    },
  };
  router.service(probe, handlers as never);
}

async function serve(): Promise<ProbeServer> {
  const server = createServer(connectNodeAdapter({ routes: addRoutes }));
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

await runProgram({ serve, connect });
