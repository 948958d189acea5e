// The grpc-js peer of the interop matrix; messages by protobuf.js.
import {
  Client,
  credentials,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Type } from "protobufjs";
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
import { probeRoot } from "../schema.ts";
import { runProgram } from "./program.ts";

type Plain = Readonly<Record<string, unknown>>;

const root = probeRoot();

interface Procedure {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: Plain) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Plain;
  readonly responseSerialize: (value: Plain) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Plain;
}

const serializer =
  (type: Type) =>
  (value: Plain): Buffer =>
    Buffer.from(type.encode(type.fromObject(value)).finish());
const deserializer =
  (type: Type) =>
  (bytes: Buffer): Plain =>
    type.toObject(type.decode(bytes), { defaults: true, longs: Number, bytes: Uint8Array }) as Plain;

function procedure(service: string, name: string): Procedure {
  const method = root.lookupService(service).methods[name];
  if (method === undefined) throw new Error(`${service} has no ${name}`);
  const request = root.lookupType(`interop.${method.requestType}`);
  const reply = root.lookupType(`interop.${method.responseType}`);
  return {
    path: `/${service}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: serializer(request),
    requestDeserialize: deserializer(request),
    responseSerialize: serializer(reply),
    responseDeserialize: deserializer(reply),
  };
}

const probe = Object.fromEntries(
  ["Echo", "Fail", "Sleep", "LastSleep", "Missing"].map((name) => [name, procedure("interop.Probe", name)]),
) as Readonly<Record<"Echo" | "Fail" | "Sleep" | "LastSleep" | "Missing", Procedure>>;
const absent = procedure("interop.Absent", "Call");

function toMetadata(fields: Fields): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of fields) metadata.add(name, typeof value === "string" ? value : Buffer.from(value));
  return metadata;
}

function toFields(metadata: Metadata): Fields {
  const names = Object.keys(metadata.getMap());
  return names.flatMap((name) =>
    metadata.get(name).map((value): readonly [string, string | Uint8Array] => [name, value]),
  );
}

const toReport = (reply: Plain): SleepReport => ({
  state: sleepStates[Number(reply["state"])] ?? "unseen",
  deadlineMs: Number(reply["deadline_ms"]),
});
const fromReport = ({ state, deadlineMs }: SleepReport): Plain => ({
  state: sleepStates.indexOf(state),
  deadline_ms: deadlineMs,
});

interface Answer {
  readonly reply: Plain;
  readonly headers: Fields;
  readonly trailers: Fields;
}

function call(
  client: Client,
  { path, requestSerialize, responseDeserialize }: Procedure,
  request: Plain,
  options: CallOptions,
): Promise<Answer> {
  const { metadata = [], timeoutMs, signal } = options;
  const limits = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  return new Promise((resolve, reject) => {
    let headers: Fields = [];
    let reply: Plain = {};
    const onReply = (error: ServiceError | null, value?: Plain): void => {
      if (error === null) {
        reply = value ?? {};
        return;
      }
      const details = error.metadata.get("grpc-status-details-bin")[0];
      reject(new CallFailure(error.code, error.details, details instanceof Uint8Array ? details : undefined));
    };
    const running = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      toMetadata(metadata),
      limits,
      onReply,
    );
    running.on("metadata", (received: Metadata) => {
      headers = toFields(received);
    });
    // The status comes after the reply's callback.
    running.on("status", (status) => resolve({ reply, headers, trailers: toFields(status.metadata) }));
    signal?.addEventListener("abort", () => running.cancel(), { once: true });
  });
}

function connect(address: string): ProbeClient {
  const client = new Client(address, credentials.createInsecure());
  return {
    async echo(message, options) {
      const { reply, headers, trailers } = await call(client, probe.Echo, { ...message }, options);
      return { message: reply as unknown as EchoMessage, headers, trailers };
    },
    async fail(request, options) {
      await call(client, probe.Fail, request, options);
    },
    async sleep(request, options) {
      return toReport((await call(client, probe.Sleep, request, options)).reply);
    },
    async lastSleep(query, options) {
      return toReport((await call(client, probe.LastSleep, query, options)).reply);
    },
    async missing(options) {
      await call(client, probe.Missing, {}, options);
    },
    async absent(options) {
      await call(client, absent, {}, options);
    },
    async close() {
      client.close();
    },
  };
}

/** A signal that is aborted when the call is over for its caller. */
function signalOf(running: ServerUnaryCall<Plain, Plain>): AbortSignal {
  const abort = new AbortController();
  running.on("cancelled", () => abort.abort());
  return abort.signal;
}

function timeLeftMs(running: ServerUnaryCall<Plain, Plain>): number | undefined {
  const deadline = running.getDeadline();
  const at = deadline instanceof Date ? deadline.getTime() : deadline;
  return at === Infinity ? undefined : at - Date.now();
}

function createHandlers(): UntypedServiceImplementation {
  const sleeps = new Sleeps();
  const unary = (handle: handleUnaryCall<Plain, Plain>): handleUnaryCall<Plain, Plain> => handle;
  return {
    Echo: unary((running, answer) => {
      const returned = toMetadata(echoedFields(toFields(running.metadata)));
      running.sendMetadata(returned);
      answer(null, running.request, returned);
    }),
    Fail: unary(({ request }, answer) => {
      const details = request["details"] as Uint8Array;
      const metadata = toMetadata(details.length > 0 ? [["grpc-status-details-bin", details]] : []);
      answer({ code: Number(request["code"]), details: String(request["message"]), metadata });
    }),
    Sleep: unary((running, answer) => {
      const { id, ms } = running.request;
      const served = { timeLeftMs: timeLeftMs(running), signal: signalOf(running) };
      void sleeps.sleep(String(id), Number(ms), served).then((report) => {
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

async function serve(): Promise<ProbeServer> {
  const server = new Server();
  server.addService(probe, createHandlers());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    async close() {
      server.forceShutdown();
    },
  };
}

await runProgram({ serve, connect });
