// Test support: a machine whose accepted HTTP/2 connections are overheard frame by frame. It keeps both sides' windows and
// stream limits by itself (RFC 9113 sections 5.1.2, 5.2 and 6.9) and says when one is broken; and it can put a server's
// frames in between: SETTINGS and GOAWAY in mid-life, which a server's program has no word for.
import type { Machine, SocketFault, SocketReceiver, StreamSocket } from "farcall/host";
import { FrameParser, goAway, preface, type SeenFrame, settings } from "./http2-frames.ts";
import { initialWindowBytes } from "./send-windows.ts";

const streamLimitId = 3;
const initialWindowId = 4;

/** What one side may send. */
class SendRoom {
  connectionBytes = initialWindowBytes;
  initialBytes = initialWindowBytes;
  readonly streams = new Map<number, number>();

  open(id: number): void {
    if (!this.streams.has(id)) this.streams.set(id, this.initialBytes);
  }

  /** Credit from the other side. */
  credit({ id, increment = 0 }: SeenFrame): void {
    if (id === 0) this.connectionBytes += increment;
    else if (this.streams.has(id)) this.streams.set(id, (this.streams.get(id) as number) + increment);
  }

  /** DATA of this side; answers whether there was room. */
  spend({ id, payload }: SeenFrame): boolean {
    this.connectionBytes -= payload.length;
    const left = (this.streams.get(id) ?? 0) - payload.length;
    this.streams.set(id, left);
    return this.connectionBytes >= 0 && left >= 0;
  }
}

/** One connection, seen at the server's socket. */
export class TappedWire implements SocketReceiver {
  readonly client = new SendRoom();
  readonly server = new SendRoom();
  /** What the server said by itself. */
  ownStreamLimit = Number.POSITIVE_INFINITY;
  isClosed = false;
  readonly #fromClient = new FrameParser();
  readonly #fromServer = new FrameParser();
  readonly #receiver: SocketReceiver;
  readonly #broken: (what: string) => void;
  /** Streams that may still carry something: which sides have ended. */
  readonly #open = new Map<number, { client: boolean; server: boolean }>();
  /** Limits that the server said and the client has not acknowledged. */
  readonly #saidLimits: (number | undefined)[] = [];
  #streamLimit = Number.POSITIVE_INFINITY;
  #saidSettings = false;
  #prefaceLeft = preface.length;

  constructor(receiver: SocketReceiver, broken: (what: string) => void) {
    this.#receiver = receiver;
    this.#broken = broken;
  }

  /** Whether frames may be put in here. */
  get isBetweenFrames(): boolean {
    return this.#saidSettings && this.#fromServer.restBytes === 0;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const skipped = Math.min(this.#prefaceLeft, end - start);
    this.#prefaceLeft -= skipped;
    for (const frame of this.#fromClient.parse(bytes.slice(start + skipped, end))) this.#clientSaid(frame);
    this.#receiver.onBytes(bytes, start, end);
  }

  onWritable(): void {
    this.#receiver.onWritable();
  }

  onEnd(): void {
    this.#receiver.onEnd();
  }

  onClose(fault: SocketFault | undefined): void {
    this.isClosed = true;
    this.#receiver.onClose(fault);
  }

  serverWrote(parts: readonly Uint8Array[]): void {
    for (const frame of this.#fromServer.parse(Buffer.concat(parts))) this.#serverSaid(frame);
  }

  #clientSaid(frame: SeenFrame): void {
    const { type, id, entries, last } = frame;
    if (type === "SETTINGS") {
      if (entries === undefined) this.#streamLimit = this.#saidLimits.shift() ?? this.#streamLimit;
      for (const [setting, value] of entries ?? []) if (setting === initialWindowId) this.server.initialBytes = value;
    }
    if (type === "HEADERS" && !this.#open.has(id)) this.#clientOpened(id);
    if (type === "WINDOW_UPDATE") this.server.credit(frame);
    if (type === "DATA" && !this.client.spend(frame))
      this.#broken(`the client sent more DATA on stream ${id} than it may`);
    if (type === "RST_STREAM") this.#open.delete(id);
    if (last === true) this.#ended(id, "client");
  }

  #clientOpened(id: number): void {
    this.client.open(id);
    this.server.open(id);
    this.#open.set(id, { client: false, server: false });
    if (this.#open.size > this.#streamLimit) {
      this.#broken(`the client opened stream ${id}, the ${this.#open.size}th, against a limit of ${this.#streamLimit}`);
    }
  }

  #serverSaid(frame: SeenFrame): void {
    const { type, id, entries, last } = frame;
    if (type === "SETTINGS" && entries !== undefined) {
      const limit = entries.find(([setting]) => setting === streamLimitId)?.[1];
      this.#saidLimits.push(limit);
      if (!this.#saidSettings) this.ownStreamLimit = limit ?? Number.POSITIVE_INFINITY;
      this.#saidSettings = true;
      for (const [setting, value] of entries) if (setting === initialWindowId) this.client.initialBytes = value;
    }
    if (type === "WINDOW_UPDATE") this.client.credit(frame);
    if (type === "DATA" && !this.server.spend(frame))
      this.#broken(`the server sent more DATA on stream ${id} than it may`);
    if (type === "RST_STREAM") this.#open.delete(id);
    if (last === true) this.#ended(id, "server");
  }

  #ended(id: number, side: "client" | "server"): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    stream[side] = true;
    if (stream.client && stream.server) this.#open.delete(id);
  }
}

/** A machine, and the connections that it has accepted. */
export class WireTap {
  readonly machine: Machine;
  /** Rules of RFC 9113 that were broken. */
  readonly broken: string[] = [];
  readonly #wires = new Map<TappedWire, StreamSocket>();

  constructor(machine: Machine) {
    const { network } = machine;
    this.machine = {
      ...machine,
      network: {
        resolve: (host, options) => network.resolve(host, options),
        connect: (endpoint, options) => network.connect(endpoint, options),
        adopt: (duplex) => network.adopt(duplex),
        listen: (endpoint, options, receiver) =>
          network.listen(endpoint, options, {
            onConnection: (socket) => receiver.onConnection(this.#tap(socket)),
            onFault: (fault) => receiver.onFault(fault),
          }),
      },
    };
  }

  /** Connections that are open. */
  get wires(): TappedWire[] {
    return [...this.#wires.keys()].filter(({ isClosed }) => !isClosed);
  }

  /**
   * Says a new limit of streams on every connection, none above what the server bears. Its acknowledgement is an answer to no
   * question for the server.
   */
  limitStreams(count: number): void {
    this.#say(({ ownStreamLimit }) => settings([streamLimitId, Math.min(count, ownStreamLimit)]));
  }

  /** Says on every connection that it takes no new streams, and takes them all the same. */
  sayGoAway(): void {
    this.#say(() => goAway(0x7fffffff, "NO_ERROR"));
  }

  #say(frameFor: (wire: TappedWire) => Uint8Array): void {
    for (const wire of this.wires) {
      if (!wire.isBetweenFrames) continue;
      this.#wires.get(wire)?.write([frameFor(wire)]);
    }
  }

  #tap(socket: StreamSocket): StreamSocket {
    let wire: TappedWire | undefined;
    const tapped: StreamSocket = {
      local: socket.local,
      remote: socket.remote,
      open: (receiver) => {
        wire = new TappedWire(receiver, (what) => void this.broken.push(what));
        this.#wires.set(wire, tapped);
        socket.open(wire);
      },
      write: (parts) => {
        wire?.serverWrote(parts);
        return socket.write(parts);
      },
      passed: () => socket.passed(),
      taken: () => socket.taken(),
      setReading: (on) => socket.setReading(on),
      end: () => socket.end(),
      reset: () => socket.reset(),
      setKeepsProcess: (on) => socket.setKeepsProcess(on),
    };
    return tapped;
  }
}
