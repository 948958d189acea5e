// Benchmark, streams: the limit. Node's `net` with a length header before each message; orders are messages too. What comes
// is counted, not gathered; output leaves within a turn as well, at 2 KiB doubling to 64 KiB.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { stopWithParent } from "../support/closed-loop.ts";
import { headerBytes, Output, readMessages } from "../support/length-frames.ts";
import { dataOf, nextTurn, type Order, obeyStreams, type StreamClient, smallBytes, smallData } from "./works.ts";

/** From here on a message is written as it is, not copied behind the others. */
const minLentBytes = 16 * 1024;

type Kind = "download" | "upload" | "chat";
const kinds: readonly Kind[] = ["download", "upload", "chat"];

/** A message with its header. */
function frameOf(data: Uint8Array): Buffer {
  const frame = Buffer.alloc(headerBytes + data.length);
  frame.writeUInt32BE(data.length);
  frame.set(data, headerBytes);
  return frame;
}

function orderFrame(kind: Kind, { count, bytes, burst }: Order): Buffer {
  const order = Buffer.alloc(16);
  for (const [index, value] of [kinds.indexOf(kind), count, bytes, burst].entries()) {
    order.writeUInt32BE(value, index * 4);
  }
  return frameOf(order);
}

/** Whole messages among bytes that are not kept. */
class Counter {
  #header = 0;
  #headerBytes = 0;
  #payloadBytes = 0;
  #inPayload = false;

  /** How many messages end within `bytes`. */
  count(bytes: Uint8Array): number {
    let ended = 0;
    let at = 0;
    while (at < bytes.length || (this.#inPayload && this.#payloadBytes === 0)) {
      if (this.#inPayload) {
        const taken = Math.min(this.#payloadBytes, bytes.length - at);
        at += taken;
        this.#payloadBytes -= taken;
        if (this.#payloadBytes > 0) break;
        this.#inPayload = false;
        ended++;
      } else {
        this.#header = ((this.#header << 8) | (bytes[at++] as number)) >>> 0;
        if (++this.#headerBytes < headerBytes) continue;
        this.#payloadBytes = this.#header;
        this.#header = this.#headerBytes = 0;
        this.#inPayload = true;
      }
    }
    return ended;
  }
}

async function writeFrames(socket: Socket, output: Output, frame: Buffer, order: Order): Promise<void> {
  for (let index = 1; index <= order.count; index++) {
    if (frame.length < minLentBytes) output.write(frame, 0, frame.length);
    else if (!socket.write(frame)) await new Promise<void>((resolve) => socket.once("drain", resolve));
    if (order.burst > 0 && index % order.burst === 0) await nextTurn();
  }
}

function serve(): void {
  const answer = frameOf(Buffer.alloc(4));
  const server = createServer({ noDelay: true }, (socket) => {
    const output = new Output(socket, true);
    const frames = new Map<number, Buffer>();
    // What the messages of this connection are: orders, or what its last order says.
    let mode: Kind = "download";
    let wanted = 0;
    let counted = 0;
    const obey = (order: Buffer): void => {
      const [kind = 0, count = 0, bytes = 0, burst = 0] = [0, 4, 8, 12].map((at) => order.readUInt32BE(at));
      mode = kinds[kind] as Kind;
      wanted = count;
      if (mode !== "download") return;
      const frame = frames.get(bytes) ?? frameOf(dataOf(bytes));
      frames.set(bytes, frame);
      void writeFrames(socket, output, frame, { count, bytes, burst });
    };
    socket.on("error", () => socket.destroy());
    readMessages(socket, (bytes, start, end) => {
      if (mode === "chat") output.write(bytes, start, end);
      else if (mode === "download") obey((bytes as Buffer).subarray(start + headerBytes, end));
      else if (++counted === wanted) {
        counted = 0;
        output.write(answer, 0, answer.length);
      }
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(`LISTENING ${(server.address() as AddressInfo).port}`));
  stopWithParent(() => process.exit(0));
}

/** A connection that has sent its order; `next` resolves at the next `count` messages. */
class Line {
  readonly socket: Socket;
  readonly output: Output;
  readonly #counter = new Counter();
  #missing = 0;
  #told = (): void => {};

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.output = new Output(this.socket, true);
    this.socket.on("data", (bytes) => {
      this.#missing -= this.#counter.count(bytes as Buffer);
      if (this.#missing === 0) this.#told();
    });
  }

  send(frame: Buffer): void {
    this.output.write(frame, 0, frame.length);
  }

  next(count: number): Promise<void> {
    this.#missing = count;
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }
}

function createClient(port: number): StreamClient {
  const [down, talk] = [new Line(port), new Line(port)];
  const small = frameOf(smallData);
  let up: Line | undefined;
  talk.send(orderFrame("chat", { count: 0, bytes: 0, burst: 0 }));
  return {
    async download(order) {
      down.send(orderFrame("download", order));
      await down.next(order.count);
      return order.count * order.bytes;
    },
    async upload(count) {
      if (up === undefined) {
        up = new Line(port);
        up.send(orderFrame("upload", { count, bytes: smallBytes, burst: 0 }));
      }
      const answered = up.next(1);
      for (let index = 0; index < count; index++) up.send(small);
      await answered;
      return count;
    },
    async ping() {
      const answered = talk.next(1);
      talk.send(small);
      await answered;
    },
  };
}

const [verb, address = ""] = process.argv.slice(2);
if (verb === "server") serve();
else {
  await obeyStreams(createClient(Number(address.split(":")[1])));
  process.exit(0);
}
