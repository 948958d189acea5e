// Example, demo: the least that a call over a socket can be, to measure against: Node's `net`, four bytes of length before a
// body, what is written in a turn in one write. No names, no deadlines, no errors; replies in the order of the calls.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const headerBytes = 4;

/** Serves on a free port of the loopback interface; resolves with the port. */
export function serveRawEcho(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    const send = createSender(socket);
    readFrames(socket, send);
    socket.on("error", () => socket.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** A connection to a raw echo. */
export interface RawClient {
  call(body: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

export function dialRawEcho(port: number): RawClient {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const send = createSender(socket);
  const waiting: { resolve(body: Uint8Array): void; reject(error: Error): void }[] = [];
  // A queue by index: `shift` would move what is behind.
  let answered = 0;
  readFrames(socket, (frame) => {
    waiting[answered++]?.resolve(frame.subarray(headerBytes));
    if (answered === waiting.length) waiting.length = answered = 0;
  });
  socket.on("error", (error) => {
    for (const call of waiting.slice(answered)) call.reject(error);
  });
  return {
    call(body) {
      const frame = Buffer.allocUnsafe(headerBytes + body.length);
      frame.writeUInt32BE(body.length);
      frame.set(body, headerBytes);
      send(frame);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close: () => socket.destroy(),
  };
}

/** Writes the frames of a turn together. */
function createSender(socket: Socket): (frame: Uint8Array) => void {
  let frames: Uint8Array[] = [];
  const flush = (): void => {
    const all = frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames);
    frames = [];
    socket.write(all);
  };
  return (frame) => {
    if (frames.push(frame) === 1) queueMicrotask(() => process.nextTick(flush));
  };
}

/** Calls `onFrame` with each whole frame, header included. */
function readFrames(socket: Socket, onFrame: (frame: Uint8Array) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (arrived: Buffer) => {
    const bytes = held.length === 0 ? arrived : Buffer.concat([held, arrived]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const end = at + headerBytes + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      onFrame(bytes.subarray(at, end));
      at = end;
    }
    held = bytes.subarray(at);
  });
}
