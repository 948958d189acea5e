// Test support: a client on a real socket whose every frame the test writes, as fast as the other side takes them: for those
// who attack. It acknowledges SETTINGS unless told not to, and answers nothing else.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FrameParser, preface, type SeenFrame, settings, settingsAck } from "./http2-frames.ts";

export interface FrameSocketOptions {
  /** Entries of the first SETTINGS; undefined: nothing is said by itself, not even the preface. Default none. */
  readonly settings?: readonly (readonly [id: number, value: number])[] | undefined;
  /** False: nothing that comes is read, until `read`. */
  readonly reads?: boolean;
}

/** Bytes that wait in this process before `send` waits. */
const highBytes = 256 * 1024;

export class FrameSocket {
  readonly socket: Socket;
  /** How many frames came, by type and code: `RST_STREAM REFUSED_STREAM`. */
  readonly counts = new Map<string, number>();
  /** The frames that came, but for DATA; the first thousand. */
  readonly seen: SeenFrame[] = [];
  goAway: SeenFrame | undefined;
  /** The peer has ended or reset the connection. */
  ended = false;
  framesSent = 0;
  /** Credit for DATA that the peer gave, on the connection and by stream. */
  readonly credit = new Map<number, number>();
  readonly #parser = new FrameParser(1 << 24);
  readonly #acknowledges: boolean;

  private constructor(socket: Socket, options: FrameSocketOptions) {
    this.socket = socket;
    this.#acknowledges = options.settings !== undefined;
    socket.setNoDelay(true);
    // Many senders may wait for it at once.
    socket.setMaxListeners(0);
    socket.on("error", () => {
      this.ended = true;
    });
    socket.on("end", () => {
      this.ended = true;
    });
    socket.on("close", () => {
      this.ended = true;
    });
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    if (options.reads === false) socket.pause();
    if (options.settings !== undefined) socket.write(Buffer.concat([preface, settings(...options.settings)]));
  }

  static async dial(port: number, options: FrameSocketOptions = {}): Promise<FrameSocket> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new FrameSocket(socket, "settings" in options ? options : { ...options, settings: [] });
  }

  /** Sends frames, and waits while too many bytes have not left. False once the peer has ended the connection. */
  async send(...frames: readonly Uint8Array[]): Promise<boolean> {
    if (this.ended) return false;
    this.framesSent += frames.length;
    this.socket.write(frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames));
    while (!this.ended && this.socket.writableLength > highBytes) {
      await Promise.race([once(this.socket, "drain"), sleep(50)]).catch(() => {});
    }
    return !this.ended;
  }

  /** Sends round after round until the peer ends the connection, or after `rounds`. */
  async flood(rounds: number, frames: (round: number) => readonly Uint8Array[], batch = 100): Promise<void> {
    for (let round = 0; round < rounds; ) {
      const pieces: Uint8Array[] = [];
      for (let count = 0; count < batch && round < rounds; count++) pieces.push(...frames(round++));
      if (!(await this.send(...pieces))) return;
      // The other side of this process is let in, too.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Reads what waits, from now on. */
  read(): void {
    this.socket.resume();
  }

  /** Waits until `isMet`, or the time is over. */
  async until(isMet: () => boolean, withinMs = 5000): Promise<boolean> {
    const end = Date.now() + withinMs;
    while (!isMet()) {
      if (Date.now() > end) return false;
      await sleep(5);
    }
    return true;
  }

  count(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(bytes: Buffer): void {
    for (const frame of this.#parser.parse(bytes)) {
      const what = frame.code === undefined ? frame.type : `${frame.type} ${frame.code}`;
      this.counts.set(what, this.count(what) + 1);
      if (frame.type === "GOAWAY") this.goAway = frame;
      if (frame.type === "WINDOW_UPDATE") {
        this.credit.set(frame.id, (this.credit.get(frame.id) ?? 0) + (frame.increment ?? 0));
      }
      if (frame.type !== "DATA" && this.seen.length < 1000) this.seen.push(frame);
      if (frame.type === "SETTINGS" && frame.entries !== undefined && this.#acknowledges)
        this.socket.write(settingsAck);
    }
  }
}
