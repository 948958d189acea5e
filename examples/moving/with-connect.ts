// Example, moving: the weather service and its client written for Connect, in its gRPC protocol, before it moved to
// Farcall: `with-farcall.ts`.
import { createServer, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Reading, Sky, Weather } from "./gen/weather_pb.ts";

// The server.

const requireToken: Interceptor = (next) => (request) => {
  if (request.header.get("token") !== "sesame") throw new ConnectError("who are you?", Code.Unauthenticated);
  return next(request);
};

const readings: Reading[] = [];
let watchersGone = 0;

const weather: ServiceImpl<typeof Weather> = {
  report(reading) {
    const { celsius } = reading;
    if (Math.abs(celsius) > 70) throw new ConnectError(`${celsius} degrees is no weather`, Code.InvalidArgument);
    readings.push(reading);
    return { id: BigInt(readings.length) };
  },
  async upload(requests) {
    let count = 0;
    let sum = 0;
    for await (const { celsius } of requests) {
      count++;
      sum += celsius;
    }
    return { readings: count, meanCelsius: sum / count };
  },
  async *watch({ name }, context: HandlerContext) {
    const skies = [Sky.CLEAR, Sky.CLOUDS, Sky.RAIN];
    try {
      for (let n = 0; !context.signal.aborted; n++) {
        yield { station: name, celsius: 10 + n, sky: skies[n % skies.length] as Sky, atMs: BigInt(n) };
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      watchersGone++;
    }
  },
};

const sessions = new Set<Http2Session>();
const routes = (router: ConnectRouter): void => void router.service(Weather, weather);
const server = createServer(connectNodeAdapter({ routes, interceptors: [requireToken] }));
server.on("session", (session) => {
  sessions.add(session);
  session.on("close", () => sessions.delete(session));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

/** Lets open calls finish for two seconds: Node's server does not close while a client keeps its connection. */
async function stop(): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const session of sessions) session.close();
  const force = setTimeout(() => {
    for (const session of sessions) session.destroy();
  }, 2000);
  await closed;
  clearTimeout(force);
}

// The client.

const named = (error: unknown): string => {
  const { code, rawMessage } = error as ConnectError;
  const name = Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  return `${name}: ${rawMessage}`;
};

const baseUrl = `http://127.0.0.1:${port}`;
const sessionManager = new Http2SessionManager(baseUrl);
const client = createClient(Weather, createGrpcTransport({ baseUrl, sessionManager }));
const headers = { token: "sesame" };
const reading = { station: "Oslo", celsius: 12, sky: Sky.RAIN, atMs: 1767225600000n };

console.log(`receipt ${(await client.report(reading, { headers, timeoutMs: 1000 })).id}`);
await client
  .report({ ...reading, celsius: 99 }, { headers, timeoutMs: 1000 })
  .catch((error) => console.log(named(error)));
await client.report(reading, { timeoutMs: 1000 }).catch((error) => console.log(named(error)));

async function* many(): AsyncGenerator<typeof reading> {
  for (let n = 0; n < 1000; n++) yield { ...reading, celsius: n % 20 };
}
const summary = await client.upload(many(), { headers, timeoutMs: 5000 });
console.log(`${summary.readings} readings, ${summary.meanCelsius} degrees on average`);

const controller = new AbortController();
const seen: string[] = [];
for await (const { sky, celsius } of client.watch({ name: "Oslo" }, { headers, signal: controller.signal })) {
  const name = Object.keys(Sky).find((key) => Sky[key as keyof typeof Sky] === sky);
  seen.push(`SKY_${name} ${celsius}`);
  if (seen.length === 3) break;
}
controller.abort();
console.log(seen.join(", "));
while (watchersGone === 0) await new Promise((resolve) => setTimeout(resolve, 5));

sessionManager.abort();
await stop();
console.log("stopped");
