// Example, moving: `with-grpc-js.ts` and `with-connect.ts` after they moved to Farcall: the same contract, the same wire, the
// same output.
import { CallError, dial, type Handlers, type Interceptor, implement, type ServerCall, serve } from "farcall";
import { type Reading, type Sky, Weather } from "./gen/weather.ts";

// The server.

const requireToken: Interceptor<ServerCall> = (call, next) => {
  if (call.metadata.get("token") !== "sesame") throw new CallError("UNAUTHENTICATED", "who are you?");
  return next();
};

const readings: Reading[] = [];
let watchersGone = 0;

const weather: Handlers<typeof Weather.methods> = {
  report(reading) {
    const { celsius } = reading;
    if (Math.abs(celsius) > 70) throw new CallError("INVALID_ARGUMENT", `${celsius} degrees is no weather`);
    readings.push(reading);
    return { id: readings.length };
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
  async *watch({ name }, call) {
    const skies: Sky[] = ["SKY_CLEAR", "SKY_CLOUDS", "SKY_RAIN"];
    try {
      for (let n = 0; ; n++) {
        yield { station: name, celsius: 10 + n, sky: skies[n % skies.length], atMs: n };
        await call.sleep(1);
      }
    } finally {
      watchersGone++;
    }
  },
};

const server = await serve("tcp://127.0.0.1:0", [implement(Weather, weather)], { interceptors: [requireToken] });

// The client.

const named = (error: unknown): string => {
  const { code, message } = error as CallError;
  return `${code}: ${message}`;
};

const channel = dial(server.addresses);
const stub = channel.stub(Weather);
const metadata = { token: "sesame" };
const reading = { station: "Oslo", celsius: 12, sky: "SKY_RAIN", atMs: 1767225600000n } as const;

console.log(`receipt ${(await stub.report(reading, { metadata, timeoutMs: 1000 })).id}`);
await stub.report({ ...reading, celsius: 99 }, { metadata }).catch((error) => console.log(named(error)));
await stub.report(reading).catch((error) => console.log(named(error)));

const many = Array.from({ length: 1000 }, (_, n) => ({ ...reading, celsius: n % 20 }));
const summary = await stub.upload(many, { metadata, timeoutMs: 5000 });
console.log(`${summary.readings} readings, ${summary.meanCelsius} degrees on average`);

const seen: string[] = [];
for await (const { sky, celsius } of stub.watch({ name: "Oslo" }, { metadata })) {
  seen.push(`${sky} ${celsius}`);
  if (seen.length === 3) break;
}
console.log(seen.join(", "));
while (watchersGone === 0) await new Promise((resolve) => setTimeout(resolve, 5));

await channel.close();
await server.drain({ withinMs: 2000 });
console.log("stopped");
