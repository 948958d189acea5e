// Benchmark, streams: connect-es on both sides in its gRPC protocol, messages by protobuf-es.
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createRegistry, readProto } from "../../tests/interop/schema.ts";
import { stopWithParent } from "../support/closed-loop.ts";
import { dataOf, nextTurn, type Order, obeyStreams, smallData } from "./works.ts";

interface Chunk {
  readonly data: Uint8Array;
}
interface StreamsClient {
  download(order: Order): AsyncIterable<Chunk>;
  upload(chunks: AsyncIterable<Chunk>): Promise<{ count: number }>;
  chat(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk>;
}

const service = createRegistry(readProto("bench/streams.proto")).getService("bench.Streams") as DescService;

async function* chunksOf(chunk: Chunk, { count, burst }: Omit<Order, "bytes">): AsyncGenerator<Chunk> {
  for (let index = 1; index <= count; index++) {
    yield chunk;
    if (burst > 0 && index % burst === 0) await nextTurn();
  }
}

function serve(): void {
  const handlers = {
    download: (order: Order) => chunksOf({ data: dataOf(order.bytes) }, order),
    async upload(chunks: AsyncIterable<Chunk>) {
      let count = 0;
      for await (const { data } of chunks) if (data.length === smallData.length) count++;
      return { count };
    },
    async *chat(chunks: AsyncIterable<Chunk>) {
      for await (const chunk of chunks) yield chunk;
    },
  };
  const server = createServer(
    connectNodeAdapter({ routes: (router) => void router.service(service, handlers as never) }),
  );
  server.listen(0, "127.0.0.1", () => console.log(`LISTENING ${(server.address() as AddressInfo).port}`));
  stopWithParent(() => process.exit(0));
}

/** The requests of the one open stream: each leaves when `ask` is called. */
function createQuestions() {
  let asked = 0;
  let wake = (): void => {};
  async function* questions(): AsyncGenerator<Chunk> {
    for (;;) {
      if (asked === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      asked--;
      yield { data: smallData };
    }
  }
  const ask = (): void => {
    asked++;
    wake();
  };
  return { questions, ask };
}

async function load(address: string): Promise<void> {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createGrpcTransport({ baseUrl, sessionManager });
  const client = createClient(service, transport) as unknown as StreamsClient;
  const { questions, ask } = createQuestions();
  let answers: AsyncIterator<Chunk> | undefined;
  await obeyStreams({
    async download(order) {
      let bytes = 0;
      for await (const { data } of client.download(order)) bytes += data.length;
      return bytes;
    },
    async upload(count) {
      return (await client.upload(chunksOf({ data: smallData }, { count, burst: 0 }))).count;
    },
    async ping() {
      answers ??= client.chat(questions())[Symbol.asyncIterator]();
      const answer = answers.next();
      ask();
      await answer;
    },
  });
  sessionManager.abort();
}

const [verb, address = ""] = process.argv.slice(2);
if (verb === "server") serve();
else await load(address);
