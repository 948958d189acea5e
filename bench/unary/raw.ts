// Benchmark, unary calls: the limit. Node's `net` with a length header and the request's bytes, echoed as they are; no
// decoding, replies in the order of the calls. `raw-early` also flushes within a turn, at 2 KiB doubling to 64 KiB.
import { type AddressInfo, connect, createServer } from "node:net";
import { readProto } from "../../tests/interop/schema.ts";
import { type Call, obeyLoads, stopWithParent } from "../support/closed-loop.ts";
import { headerBytes, Output, readMessages } from "../support/length-frames.ts";
import { echoRequest } from "./request.ts";

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
