// Benchmark, streams: grpc-js on both sides, messages by protobuf.js. Writers write until `write` says false and go on with
// `drain`, readers listen to `data`: Node's fastest way to use its streams.
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  makeGenericClientConstructor,
  type requestCallback,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { readProto } from "../../tests/interop/schema.ts";
import { stopWithParent } from "../support/closed-loop.ts";
import { dataOf, nextTurn, type Order, obeyStreams, smallData } from "./works.ts";

interface Chunk {
  readonly data: Uint8Array;
}
interface Count {
  readonly count: number;
}
interface Writable {
  write(chunk: Chunk): boolean;
  once(event: "drain", listener: () => void): unknown;
}
interface StreamsClient {
  download(order: Order): ClientReadableStream<Chunk>;
  upload(answer: requestCallback<Count>): ClientWritableStream<Chunk>;
  chat(): ClientDuplexStream<Chunk, Chunk>;
  close(): void;
}

const root = readProto("bench/streams.proto");

function method(name: string, input: string, output: string, streams: { request: boolean; response: boolean }) {
  const [request, response] = [root.lookupType(`bench.${input}`), root.lookupType(`bench.${output}`)];
  return {
    path: `/bench.Streams/${name}`,
    requestStream: streams.request,
    responseStream: streams.response,
    requestSerialize: (value: object): Buffer => request.encode(value as never).finish() as Buffer,
    requestDeserialize: (bytes: Buffer): unknown => request.decode(bytes),
    responseSerialize: (value: object): Buffer => response.encode(value as never).finish() as Buffer,
    responseDeserialize: (bytes: Buffer): unknown => response.decode(bytes),
  };
}

const definition = {
  download: method("Download", "DownloadRequest", "Chunk", { request: false, response: true }),
  upload: method("Upload", "Chunk", "UploadReply", { request: true, response: false }),
  chat: method("Chat", "Chunk", "Chunk", { request: true, response: true }),
};

/** Writes one chunk so many times, at the pace of the stream. */
async function writeChunks(stream: Writable, chunk: Chunk, { count, burst }: Omit<Order, "bytes">): Promise<void> {
  for (let index = 1; index <= count; index++) {
    if (!stream.write(chunk)) await new Promise<void>((resolve) => stream.once("drain", resolve));
    if (burst > 0 && index % burst === 0) await nextTurn();
  }
}

function serve(): void {
  const server = new Server();
  server.addService(
    definition as never,
    {
      download(call: ServerWritableStream<Order, Chunk>): void {
        void writeChunks(call, { data: dataOf(call.request.bytes) }, call.request).then(() => call.end());
      },
      upload(call: ServerReadableStream<Chunk, Count>, answer: sendUnaryData<Count>): void {
        let count = 0;
        call.on("data", ({ data }: Chunk) => {
          if (data.length === smallData.length) count++;
        });
        call.on("end", () => answer(null, { count }));
      },
      chat(call: ServerDuplexStream<Chunk, Chunk>): void {
        call.on("data", (chunk: Chunk) => void call.write(chunk));
        call.on("end", () => call.end());
        call.on("error", () => {});
      },
    } as never,
  );
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    console.log(`LISTENING ${port}`);
  });
  stopWithParent(() => process.exit(0));
}

async function load(address: string): Promise<void> {
  const Streams = makeGenericClientConstructor(definition as never, "bench.Streams");
  const client = new Streams(address, credentials.createInsecure()) as unknown as StreamsClient;
  const talk = client.chat();
  let answered = (): void => {};
  talk.on("data", () => answered());
  talk.on("error", () => {});
  await obeyStreams({
    download: (order) =>
      new Promise((resolve, reject) => {
        let bytes = 0;
        const stream = client.download(order);
        stream.on("data", ({ data }: Chunk) => {
          bytes += data.length;
        });
        stream.on("end", () => resolve(bytes));
        stream.on("error", reject);
      }),
    upload: (count) =>
      new Promise((resolve, reject) => {
        const stream = client.upload((error, reply) => {
          if (error !== null || reply === undefined) reject(error);
          else resolve(reply.count);
        });
        void writeChunks(stream, { data: smallData }, { count, burst: 0 }).then(() => stream.end());
      }),
    ping: () =>
      new Promise((resolve) => {
        answered = resolve;
        talk.write({ data: smallData });
      }),
  });
  talk.cancel();
  client.close();
}

const [verb, address = ""] = process.argv.slice(2);
if (verb === "server") serve();
else await load(address);
