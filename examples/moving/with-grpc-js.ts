// Example, moving: a service and its client written for @grpc/grpc-js, before it moved to
// Farcall: `with-farcall.ts`.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type requestCallback,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type ServiceError,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

// The types of weather.proto, by hand.
type Sky = "SKY_UNSPECIFIED" | "SKY_CLEAR" | "SKY_CLOUDS" | "SKY_RAIN";
interface Reading {
  station: string;
  celsius: number;
  sky: Sky;
  atMs: string;
}
interface Receipt {
  id: string;
}
interface Summary {
  readings: number;
  meanCelsius: number;
}
interface Station {
  name: string;
}
interface WeatherClient extends Client {
  report(reading: Reading, metadata: Metadata, options: CallOptions, done: requestCallback<Receipt>): ClientUnaryCall;
  upload(metadata: Metadata, options: CallOptions, done: requestCallback<Summary>): ClientWritableStream<Reading>;
  watch(station: Station, metadata: Metadata, options: CallOptions): ClientReadableStream<Reading>;
}

const proto = fileURLToPath(new URL("../../../examples/moving/weather.proto", import.meta.url));
const definition = loadSync(proto, { longs: String, enums: String, defaults: true, oneofs: true });
const Weather = (loadPackageDefinition(definition)["weather"] as Record<string, ServiceClientConstructor>)[
  "Weather"
] as ServiceClientConstructor;

// The server.

const requireToken: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, {
    start: (next) => {
      const listener = new ServerListenerBuilder()
        .withOnReceiveMetadata((metadata, forward) => {
          if (metadata.get("token")[0] === "sesame") forward(metadata);
          else call.sendStatus({ code: status.UNAUTHENTICATED, details: "who are you?", metadata: new Metadata() });
        })
        .build();
      next(listener);
    },
  });

const readings: Reading[] = [];
let watchersGone = 0;

function report({ request }: ServerUnaryCall<Reading, Receipt>, answer: sendUnaryData<Receipt>): void {
  if (Math.abs(request.celsius) > 70) {
    answer({ code: status.INVALID_ARGUMENT, details: `${request.celsius} degrees is no weather` });
    return;
  }
  readings.push(request);
  answer(null, { id: String(readings.length) });
}

function upload(call: ServerReadableStream<Reading, Summary>, answer: sendUnaryData<Summary>): void {
  let count = 0;
  let sum = 0;
  call.on("data", ({ celsius }: Reading) => {
    count++;
    sum += celsius;
  });
  call.on("error", (error) => answer(error));
  call.on("end", () => answer(null, { readings: count, meanCelsius: sum / count }));
}

async function watch(call: ServerWritableStream<Station, Reading>): Promise<void> {
  const skies: Sky[] = ["SKY_CLEAR", "SKY_CLOUDS", "SKY_RAIN"];
  const left = once(call, "cancelled").then(() => {
    watchersGone++;
  });
  for (let n = 0; !call.cancelled; n++) {
    const sky = skies[n % skies.length] as Sky;
    const reading = { station: call.request.name, celsius: 10 + n, sky, atMs: String(n) };
    // Without this wait a slow client's readings would pile up here.
    if (!call.write(reading)) await Promise.race([once(call, "drain"), left]);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function start(): Promise<{ server: Server; port: number }> {
  const server = new Server({ interceptors: [requireToken] });
  server.addService(Weather.service, { report, upload, watch });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve({ server, port });
      else reject(error);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), 2000);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}

// The client.

const within = (ms: number): CallOptions => ({ deadline: Date.now() + ms });
const named = (error: unknown): string => {
  const { code, details } = error as ServiceError;
  return `${status[code]}: ${details}`;
};

function sendReport(client: WeatherClient, reading: Reading, metadata: Metadata): Promise<Receipt> {
  return new Promise((resolve, reject) => {
    client.report(reading, metadata, within(1000), (error, receipt) => {
      if (error === null && receipt !== undefined) resolve(receipt);
      else reject(error);
    });
  });
}

function sendUpload(client: WeatherClient, many: Iterable<Reading>, metadata: Metadata): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const call = client.upload(metadata, within(5000), (error, summary) => {
      if (error === null && summary !== undefined) resolve(summary);
      else reject(error);
    });
    (async () => {
      for (const reading of many) if (!call.write(reading)) await once(call, "drain");
      call.end();
    })().catch(reject);
  });
}

const { server, port } = await start();
const client = new Weather(`127.0.0.1:${port}`, credentials.createInsecure()) as unknown as WeatherClient;
const token = new Metadata();
token.set("token", "sesame");
const reading: Reading = { station: "Oslo", celsius: 12, sky: "SKY_RAIN", atMs: "1767225600000" };

console.log(`receipt ${(await sendReport(client, reading, token)).id}`);
await sendReport(client, { ...reading, celsius: 99 }, token).catch((error) => console.log(named(error)));
await sendReport(client, reading, new Metadata()).catch((error) => console.log(named(error)));

const many = Array.from({ length: 1000 }, (_, n) => ({ ...reading, celsius: n % 20 }));
const summary = await sendUpload(client, many, token);
console.log(`${summary.readings} readings, ${summary.meanCelsius} degrees on average`);

const feed = client.watch({ name: "Oslo" }, token, {});
const seen: string[] = [];
try {
  for await (const { sky, celsius } of feed as AsyncIterable<Reading>) {
    seen.push(`${sky} ${celsius}`);
    if (seen.length === 3) break;
  }
} finally {
  feed.cancel();
}
console.log(seen.join(", "));
while (watchersGone === 0) await new Promise((resolve) => setTimeout(resolve, 5));

client.close();
await stop(server);
console.log("stopped");
