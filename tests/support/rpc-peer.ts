// Test support: a peer that speaks HTTP/2 frame by frame over a machine's network, right or wrong, as the test says. It
// says nothing by itself but its first SETTINGS and the acknowledgement of ours, and not even those when told so.
import type { Listener, Machine, SocketFault, SocketReceiver, StreamSocket } from "farcall/host";
import { formatEndpoint, parseEndpoint } from "farcall/host";
import {
  data,
  type FieldList,
  type FrameName,
  FrameParser,
  headers,
  preface,
  type SeenFrame,
  settings,
  settingsAck,
} from "./http2-frames.ts";

/** The number and value by which a Farcall peer says what it is, from the design's range, as the product uses it. */
export const farcallSetting: readonly [id: number, value: number] = [0xfca1, 1];

export interface PeerOptions {
  /** Entries of its first SETTINGS; undefined: it says nothing by itself. */
  readonly settings?: readonly (readonly [id: number, value: number])[] | undefined;
  /** Sees every frame as it comes. */
  readonly onFrame?: (connection: ScriptedConnection, frame: SeenFrame) => void;
}

/** One connection, seen from the scripted end. */
export class ScriptedConnection implements SocketReceiver {
  readonly socket: StreamSocket;
  readonly seen: SeenFrame[] = [];
  ended = false;
  closed = false;
  fault: SocketFault | undefined;
  readonly #parser = new FrameParser();
  readonly #answers: boolean;
  readonly #onFrame: PeerOptions["onFrame"];
  #prefaceLeft: number;
  #taken = 0;
  #waiters: (() => void)[] = [];

  constructor(socket: StreamSocket, role: "client" | "server", options: PeerOptions) {
    this.socket = socket;
    this.#answers = options.settings !== undefined;
    this.#onFrame = options.onFrame;
    this.#prefaceLeft = role === "server" ? preface.length : 0;
    socket.open(this);
    if (role === "client") this.send(preface);
    if (options.settings !== undefined) this.send(settings(...options.settings));
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write([Buffer.concat(parts)]);
  }

  /** The next frame of a type that was not asked for yet. */
  async next(type: FrameName): Promise<SeenFrame> {
    for (;;) {
      while (this.#taken < this.seen.length) {
        const frame = this.seen[this.#taken++] as SeenFrame;
        if (frame.type === type) return frame;
      }
      if (this.closed || this.ended) throw new Error(`the connection ended before ${type} came`);
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** All frames of a type so far. */
  all(type: FrameName): SeenFrame[] {
    return this.seen.filter((frame) => frame.type === type);
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const skipped = Math.min(this.#prefaceLeft, end - start);
    this.#prefaceLeft -= skipped;
    const frames = this.#parser.parse(bytes.slice(start + skipped, end));
    for (const frame of frames) {
      this.seen.push(frame);
      this.#onFrame?.(this, frame);
      if (frame.type === "SETTINGS" && frame.entries !== undefined && this.#answers) this.send(settingsAck);
    }
    this.#wake();
  }

  onWritable(): void {}

  onEnd(): void {
    this.ended = true;
    this.socket.end();
    this.#wake();
  }

  onClose(fault: SocketFault | undefined): void {
    this.closed = true;
    this.fault = fault;
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

/** A server whose every frame the test writes. */
export class ScriptedServer {
  readonly connections: ScriptedConnection[] = [];
  #listener: Listener | undefined;
  #waiters: ((connection: ScriptedConnection) => void)[] = [];
  #given = 0;

  /** Where it listens, with the port filled in. */
  get address(): string {
    return this.#listener === undefined ? "" : formatEndpoint(this.#listener.local);
  }

  static async listen(machine: Machine, address: string, options: PeerOptions = { settings: [] }) {
    const server = new ScriptedServer();
    server.#listener = await machine.network.listen(
      parseEndpoint(address, "listen"),
      {},
      {
        onConnection: (socket) => server.#accept(new ScriptedConnection(socket, "server", options)),
        onFault: (fault) => {
          throw fault;
        },
      },
    );
    return server;
  }

  /** The next connection that was not asked for yet. */
  next(): Promise<ScriptedConnection> {
    const connection = this.connections[this.#given++];
    if (connection !== undefined) return Promise.resolve(connection);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    for (const { socket } of this.connections) socket.reset();
  }

  #accept(connection: ScriptedConnection): void {
    this.connections.push(connection);
    this.#waiters.shift()?.(connection);
  }
}

/** A client whose every frame the test writes. */
export async function connectScripted(machine: Machine, address: string, options: PeerOptions = { settings: [] }) {
  const socket = await machine.network.connect(parseEndpoint(address, "connect"), {});
  return new ScriptedConnection(socket, "client", options);
}

/** A gRPC message with its prefix. */
export function grpcMessage(payload: Uint8Array, flag = 0, length = payload.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, payload]);
}

export const grpcHead: FieldList = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** Fields of a gRPC request to a path. */
export function grpcRequest(path: string, extra: FieldList = []): FieldList {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "test"],
    ["te", "trailers"],
    ["content-type", "application/grpc"],
    ...extra,
  ];
}

/** A whole answer with one message. */
export function okAnswer(id: number, payload: Uint8Array, trailers: FieldList = []): Buffer {
  return Buffer.concat([
    headers(id, grpcHead),
    data(id, grpcMessage(payload)),
    headers(id, [["grpc-status", "0"], ...trailers], { last: true }),
  ]);
}

/** A whole answer that is a status and nothing else. */
export function trailersOnly(id: number, status: number, extra: FieldList = []): Buffer {
  return headers(id, [...grpcHead, ["grpc-status", String(status)], ...extra], { last: true });
}
