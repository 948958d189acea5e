// Benchmark, unary calls: ourselves, with nothing but the public API. `default` takes every default; `wide` keeps up to
// 1,000 calls on one connection.
import { dial, implement, serve } from "farcall";
import { Echo } from "../gen/echo.ts";
import { obeyLoads, stopWithParent } from "../support/closed-loop.ts";
import { echoRequest } from "./request.ts";

async function serveEcho(wide: boolean): Promise<void> {
  const options = wide ? { limits: { http2: { maxConcurrentStreams: 1_000 } } } : {};
  const server = await serve("tcp://127.0.0.1:0", [implement(Echo, { echo: (request) => request })], options);
  console.log(`LISTENING ${new URL(server.addresses[0] as string).port}`);
  stopWithParent(() => void server.close().then(() => process.exit(0)));
}

async function load(wide: boolean, address: string): Promise<void> {
  const channel = dial(`tcp://${address}`, wide ? { maxConnections: 1 } : {});
  const echo = channel.stub(Echo);
  await obeyLoads((returned, failed) => {
    echo.echo(echoRequest).then((reply) => {
      if (reply.n === echoRequest.n) returned();
      else failed(new Error("the reply is not the request"));
    }, failed);
  });
  await channel.close();
}

const [width, verb, address = ""] = process.argv.slice(2);
if (verb === "server") await serveEcho(width === "wide");
else await load(width === "wide", address);
