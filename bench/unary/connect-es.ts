// Benchmark, unary calls: connect-es on both sides in its gRPC protocol, messages by protobuf-es.
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { DescService, Message } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createRegistry, readProto } from "../../tests/interop/schema.ts";
import { obeyLoads, stopWithParent } from "../support/closed-loop.ts";
import { echoRequest } from "./request.ts";

const service = createRegistry(readProto("bench/echo.proto")).getService("bench.Echo") as DescService;

function serve(): void {
  const routes = connectNodeAdapter({
    routes: (router) => void router.service(service, { echo: (request: Message) => request } as never),
  });
  const server = createServer(routes);
  server.listen(0, "127.0.0.1", () => console.log(`LISTENING ${(server.address() as AddressInfo).port}`));
  stopWithParent(() => process.exit(0));
}

async function load(address: string): Promise<void> {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const client = createClient(service, createGrpcTransport({ baseUrl, sessionManager })) as unknown as {
    echo(request: typeof echoRequest): Promise<typeof echoRequest>;
  };
  await obeyLoads((returned, failed) => {
    client.echo(echoRequest).then((reply) => {
      if (reply.n === echoRequest.n) returned();
      else failed(new Error("the reply is not the request"));
    }, failed);
  });
  sessionManager.abort();
}

const [verb, address = ""] = process.argv.slice(2);
if (verb === "server") serve();
else await load(address);
