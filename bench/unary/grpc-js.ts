// Benchmark, unary calls: grpc-js on both sides, messages by protobuf.js.
import {
  type ClientUnaryCall,
  credentials,
  type handleUnaryCall,
  makeGenericClientConstructor,
  type requestCallback,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { readProto } from "../../tests/interop/schema.ts";
import { obeyLoads, stopWithParent } from "../support/closed-loop.ts";
import { echoRequest } from "./request.ts";

type Message = Readonly<Record<string, unknown>>;

const type = readProto("bench/echo.proto").lookupType("bench.EchoRequest");
const serialize = (value: Message): Buffer => type.encode(value).finish() as Buffer;
const deserialize = (bytes: Buffer): Message => type.decode(bytes) as unknown as Message;
const echo = {
  path: "/bench.Echo/Echo",
  requestStream: false,
  responseStream: false,
  requestSerialize: serialize,
  requestDeserialize: deserialize,
  responseSerialize: serialize,
  responseDeserialize: deserialize,
} as const;

function serve(): void {
  const server = new Server();
  const handle: handleUnaryCall<Message, Message> = (call, answer) => answer(null, call.request);
  server.addService({ echo }, { echo: handle });
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    console.log(`LISTENING ${port}`);
  });
  stopWithParent(() => process.exit(0));
}

async function load(address: string): Promise<void> {
  const Echo = makeGenericClientConstructor({ echo }, "bench.Echo");
  const client = new Echo(address, credentials.createInsecure()) as unknown as {
    echo(request: Message, callback: requestCallback<Message>): ClientUnaryCall;
    close(): void;
  };
  await obeyLoads((returned, failed) => {
    client.echo(echoRequest, (error, reply) => {
      if (error === null && reply?.["n"] === echoRequest.n) returned();
      else failed(error ?? new Error("the reply is not the request"));
    });
  });
  client.close();
}

const [verb, address = ""] = process.argv.slice(2);
if (verb === "server") serve();
else await load(address);
