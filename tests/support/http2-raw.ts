// A socket on which a test speaks HTTP/2 frame by frame with another implementation: Node's own, which is nghttp2.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Writer } from "farcall/bytes";
import type { HpackEncoder, HpackIndexing } from "farcall/http2";
import { endHeaders, endStream, FrameParser, frame, preface, type SeenFrame, settingsAck } from "./http2-frames.ts";

/** One end of a connection, as frames. SETTINGS are acknowledged by themselves, table sizes followed. */
export class RawPeer {
  readonly parser = new FrameParser();
  readonly #socket: Socket;
  readonly #encoder: HpackEncoder;
  readonly #seen: SeenFrame[] = [];
  #prefaceDue: number;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, encoder: HpackEncoder, role: "client" | "server") {
    this.#socket = socket;
    this.#encoder = encoder;
    this.#prefaceDue = role === "server" ? preface.length : 0;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("close", () => this.#wake?.());
    if (role === "client") socket.write(preface);
  }

  /** Dials a server. */
  static async dial(port: number, encoder: HpackEncoder): Promise<RawPeer> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawPeer(socket, encoder, "client");
  }

  /** Listens for one client; `peer` resolves when it came. */
  static async listen(encoder: HpackEncoder): Promise<{ readonly port: number; readonly peer: Promise<RawPeer> }> {
    const server = createServer();
    const peer = once(server, "connection").then(([socket]) => {
      server.close();
      return new RawPeer(socket as Socket, encoder, "server");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { port: address.port, peer };
  }

  send(...parts: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(parts));
  }

  /** Sends a whole message of fields alone, through the encoder. */
  sendFields(id: number, fields: readonly (readonly [string, string, HpackIndexing])[]): void {
    const writer = new Writer();
    this.#encoder.beginBlock(writer);
    for (const [name, value, indexing] of fields) this.#encoder.encodeField(writer, name, value, indexing);
    this.send(frame({ type: "HEADERS", flags: endHeaders | endStream, id, payload: writer.toBytes() }));
  }

  /** The next frame that `wanted` is true for; those before it are dropped. */
  async next(wanted: (seen: SeenFrame) => boolean): Promise<SeenFrame> {
    for (;;) {
      for (let seen = this.#seen.shift(); seen !== undefined; seen = this.#seen.shift()) if (wanted(seen)) return seen;
      if (this.#socket.destroyed) throw new Error("the peer has closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const skipped = Math.min(this.#prefaceDue, bytes.length);
    this.#prefaceDue -= skipped;
    for (const seen of this.parser.parse(bytes.subarray(skipped))) {
      this.#seen.push(seen);
      if (seen.type !== "SETTINGS" || seen.entries === undefined) continue;
      for (const [id, value] of seen.entries) if (id === 1) this.#encoder.setPeerMaxTableBytes(value);
      this.send(settingsAck);
    }
    this.#wake?.();
  }
}
