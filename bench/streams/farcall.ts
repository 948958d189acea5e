// Benchmark, streams: ourselves, with nothing but the public API and every option at its default: async generators on the
// server, `for await` on the client.
import { dial, implement, serve } from "farcall";
import { type Chunk, type DownloadRequest, Streams } from "../gen/streams.ts";
import { stopWithParent } from "../support/closed-loop.ts";
import { dataOf, nextTurn, obeyStreams, type StreamClient, smallData } from "./works.ts";

async function* download({ count, bytes, burst }: DownloadRequest): AsyncGenerator<{ data: Uint8Array }> {
  const chunk = { data: dataOf(bytes) };
  for (let index = 1; index <= count; index++) {
    yield chunk;
    if (burst > 0 && index % burst === 0) await nextTurn();
  }
}

async function upload(chunks: AsyncIterable<Chunk>): Promise<{ count: number }> {
  let count = 0;
  for await (const { data } of chunks) if (data.length === smallData.length) count++;
  return { count };
}

async function* chat(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) yield chunk;
}

async function serveStreams(): Promise<void> {
  const server = await serve("tcp://127.0.0.1:0", [implement(Streams, { download, upload, chat })]);
  console.log(`LISTENING ${new URL(server.addresses[0] as string).port}`);
  stopWithParent(() => void server.close().then(() => process.exit(0)));
}

async function* smallChunks(count: number): AsyncGenerator<{ data: Uint8Array }> {
  const chunk = { data: smallData };
  for (let index = 0; index < count; index++) yield chunk;
}

async function load(burst: number, address: string): Promise<void> {
  const channel = dial(`tcp://${address}`);
  const streams = channel.stub(Streams);
  const talk = streams.chat();
  const answers = talk[Symbol.asyncIterator]();
  const client: StreamClient = {
    async download(order) {
      let bytes = 0;
      for await (const { data } of streams.download(order)) bytes += data.length;
      return bytes;
    },
    async upload(count) {
      return (await streams.upload(smallChunks(count))).count;
    },
    async ping() {
      await talk.send({ data: smallData });
      if ((await answers.next()).done === true) throw new Error("the chat has ended");
    },
  };
  await obeyStreams(client, burst);
  await channel.close();
}

const [burst, verb, address = ""] = process.argv.slice(2);
if (verb === "server") await serveStreams();
else await load(Number(burst), address);
