// Fuzz support: an observer on the wire of an HTTP/2 connection, on the side of the machine's peer. It keeps the books of RFC
// 9113 section 5.2 by the frames alone and asserts that the machine spends no window it does not have and loses none.
import assert from "node:assert/strict";
import type { SeenFrame } from "../../support/http2-frames.ts";

const maxWindow = 2 ** 31 - 1;
const [data, headers, rstStream, settings, windowUpdate] = [0, 1, 3, 4, 8];
const ack = 1;
const initialWindowSize = 4;
const maxFrameSize = 5;

interface StreamBook {
  /** Bytes of body the machine may still send. */
  sendWindow: number;
  /** The machine has ended its side, or either side has cut the stream: nothing more may come on it. */
  ended: boolean;
  cut: boolean;
}

export class Http2Ledger {
  /** Bytes of body that the peer may still send on the whole connection. */
  peerWindow: number;
  readonly #maxPeerWindow: number;
  readonly #opensByHeaders: boolean;
  readonly #streams = new Map<number, StreamBook>();
  #sendWindow = 65_535;
  #initialWindow = 65_535;
  #maxFrameBytes = 16_384;
  /** Header and payload, as far as they came, of the peer's frame at hand. */
  #frame: number[] = [];
  #lastId = 0;

  /** `peerWindow`: what the machine has granted so far. */
  constructor(role: "client" | "server", peerWindow: number) {
    this.#opensByHeaders = role === "server";
    this.peerWindow = this.#maxPeerWindow = peerWindow;
  }

  /** The peer's bytes so far end with a whole frame. */
  get isBetweenFrames(): boolean {
    return this.#frame.length === 0;
  }

  /** Notes bytes of the peer, when the machine has not ended the connection over them. */
  noteSent(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#frame.push(byte);
      const { length } = this.#frame;
      if (length < 9) continue;
      const [a = 0, b = 0, c = 0, type = 0] = this.#frame;
      const payloadBytes = (a << 16) | (b << 8) | c;
      if (length === 9 && type === data) this.peerWindow -= payloadBytes;
      if (length < 9 + payloadBytes) continue;
      this.#sentFrame(Uint8Array.from(this.#frame));
      this.#frame = [];
    }
    assert.ok(this.peerWindow >= 0, "a connection whose window is overdrawn goes on");
  }

  #sentFrame(frame: Uint8Array): void {
    const view = new DataView(frame.buffer);
    const id = view.getUint32(5) & maxWindow;
    const [type, flags] = [frame[3], frame[4] as number];
    const stream = this.#streams.get(id);
    if (type === headers && this.#opensByHeaders && stream === undefined && id > this.#lastId) {
      this.#lastId = id;
      this.#streams.set(id, { sendWindow: this.#initialWindow, ended: false, cut: false });
    } else if (type === windowUpdate) {
      const increment = view.getUint32(9) & maxWindow;
      if (id === 0) this.#sendWindow += increment;
      else if (stream !== undefined) stream.sendWindow += increment;
    } else if (type === rstStream && stream !== undefined) stream.cut = true;
    else if (type === settings && (flags & ack) === 0) {
      for (let at = 9; at + 6 <= frame.length; at += 6) this.#setting(view.getUint16(at), view.getUint32(at + 2));
    }
  }

  #setting(id: number, value: number): void {
    if (id === maxFrameSize) this.#maxFrameBytes = value;
    if (id !== initialWindowSize) return;
    for (const stream of this.#streams.values()) stream.sendWindow += value - this.#initialWindow;
    this.#initialWindow = value;
  }

  /** Checks and notes a frame of the machine. */
  noteCame({ type, id, payload, last, increment = 0 }: SeenFrame): void {
    assert.ok(payload.length <= this.#maxFrameBytes, `${type} of ${payload.length} bytes`);
    if (type === "WINDOW_UPDATE" && id === 0) {
      this.peerWindow += increment;
      assert.ok(this.peerWindow <= this.#maxPeerWindow, `a window of ${this.peerWindow} bytes is granted`);
    }
    if (type !== "HEADERS" && type !== "DATA" && type !== "RST_STREAM") return;
    let stream = this.#streams.get(id);
    if (stream === undefined && type === "HEADERS" && !this.#opensByHeaders) {
      assert.ok(id > this.#lastId && id % 2 === 1, `stream ${id} is opened after ${this.#lastId}`);
      this.#lastId = id;
      stream = { sendWindow: this.#initialWindow, ended: false, cut: false };
      this.#streams.set(id, stream);
    }
    if (type === "RST_STREAM") {
      if (stream !== undefined) stream.cut = true;
      return;
    }
    assert.ok(stream !== undefined, `${type} on stream ${id}, which nobody opened`);
    assert.ok(!stream.cut && !stream.ended, `${type} on stream ${id}, which is over`);
    stream.ended = last === true;
    if (type === "DATA" && payload.length > 0) this.#spend(stream, id, payload.length);
  }

  #spend(stream: StreamBook, id: number, bytes: number): void {
    assert.ok(bytes <= this.#sendWindow, `DATA of ${bytes} bytes with a connection window of ${this.#sendWindow}`);
    assert.ok(bytes <= stream.sendWindow, `DATA of ${bytes} bytes with a window of ${stream.sendWindow} on ${id}`);
    this.#sendWindow -= bytes;
    stream.sendWindow -= bytes;
  }

  /** Once everything was consumed or cut, all of the window is granted again but for the part that is not worth a frame. */
  assertWhole(): void {
    const lost = this.#maxPeerWindow - this.peerWindow;
    assert.ok(lost * 4 < this.#maxPeerWindow, `${lost} bytes of the connection's window do not come back`);
  }
}
