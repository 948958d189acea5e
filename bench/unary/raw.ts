// Benchmark, unary calls: the limit. Node's `net` with a length header and the request's bytes, echoed as they are; no
// decoding, replies in the order of the calls. `raw-early` also flushes within a turn, at 2 KiB doubling to 64 KiB.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { readProto } from "../../tests/interop/schema.ts";
import { type Call, obeyLoads, stopWithParent } from "../support/closed-loop.ts";
import { echoRequest } from "./request.ts";

const headerBytes = 4;
const firstFlushBytes = 2 * 1024;
const lastFlushBytes = 64 * 1024;

/** What is written within a turn, in as few writes as the flushing allows. */
class Output {
  readonly #socket: Socket;
  readonly #early: boolean;
  #chunk = Buffer.allocUnsafeSlow(lastFlushBytes);
  #start = 0;
  #end = 0;
  #flushAt = firstFlushBytes;
  #scheduled = false;

  constructor(socket: Socket, early: boolean) {
    this.#socket = socket;
    this.#early = early;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#end + count > this.#chunk.length) this.#replace(count);
    for (let from = start, to = this.#end; from < end; from++, to++) this.#chunk[to] = bytes[from] as number;
    this.#end += count;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => process.nextTick(() => this.#endTurn()));
    } else if (this.#early && this.#end - this.#start >= this.#flushAt) {
      this.#flush();
      this.#flushAt = Math.min(this.#flushAt * 2, lastFlushBytes);
    }
  }

  #endTurn(): void {
    this.#scheduled = false;
    this.#flushAt = firstFlushBytes;
    this.#flush();
  }

  #flush(): void {
    if (this.#end === this.#start) return;
    this.#socket.write(this.#chunk.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  /** The socket may still hold the old chunk: it is left to the garbage collector. */
  #replace(count: number): void {
    this.#flush();
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(lastFlushBytes, count));
    this.#start = this.#end = 0;
  }
}

/** Calls `onMessage` for each whole message, header included. */
function readMessages(socket: Socket, onMessage: (bytes: Uint8Array, start: number, end: number) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (arrived: Buffer) => {
    const bytes = held.length === 0 ? arrived : Buffer.concat([held, arrived]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const end = at + headerBytes + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      onMessage(bytes, at, end);
      at = end;
    }
    held = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  });
}

function serve(early: boolean): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const output = new Output(socket, early);
    readMessages(socket, (bytes, start, end) => output.write(bytes, start, end));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => console.log(`LISTENING ${(server.address() as AddressInfo).port}`));
  stopWithParent(() => process.exit(0));
}

/** The request with its length header. */
function frameRequest(): Buffer {
  const type = readProto("bench/echo.proto").lookupType("bench.EchoRequest");
  const body = type.encode(type.fromObject({ message: echoRequest.message, n: echoRequest.n })).finish();
  const frame = Buffer.alloc(headerBytes + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, headerBytes);
  return frame;
}

function createClient(port: number, early: boolean): Call {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const output = new Output(socket, early);
  const frame = frameRequest();
  // A ring: replies come in the order of the calls. More calls at once than it holds would be a mistake of the harness.
  const ring = new Array<(() => void) | undefined>(1024);
  let sent = 0;
  let returned = 0;
  readMessages(socket, () => {
    const done = ring[returned++ % ring.length];
    if (done === undefined) throw new Error("a reply without a call");
    done();
  });
  return (done, failed) => {
    if (sent - returned === ring.length) return failed(new Error("too many calls at once"));
    ring[sent++ % ring.length] = done;
    output.write(frame, 0, frame.length);
  };
}

const [flushing, verb, address] = process.argv.slice(2);
const early = flushing === "early";
if (verb === "server") serve(early);
else {
  await obeyLoads(createClient(Number(address?.split(":")[1]), early));
  process.exit(0);
}
