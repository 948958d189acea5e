// Drives a connection machine on a real socket, as plainly as can be: for tests against other implementations.
import type { Socket } from "node:net";
import type { ConnectionOwner, Exchange, ExchangeOwner, ExchangeReset, Fields, HttpConnection } from "farcall/http";
import { createHttp2Connection, type Http2Limits } from "farcall/http2";

export interface DriveOptions {
  readonly role: "client" | "server";
  readonly limits?: Partial<Http2Limits>;
  /** Server: the owner of an exchange that came. */
  readonly onExchange?: (exchange: Exchange, head: Fields, last: boolean) => ExchangeOwner;
}

/** A machine on a socket. */
export class DrivenSocket implements ConnectionOwner {
  readonly machine: HttpConnection;
  /** Resolves when exchanges may be opened; never on a server. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the connection is over. */
  readonly closed: Promise<string>;
  readonly #socket: Socket;
  readonly #options: DriveOptions;
  #setReady: () => void = () => {};
  #setClosed: (reason: string) => void = () => {};
  #flushDue = false;

  constructor(socket: Socket, options: DriveOptions) {
    this.#socket = socket;
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#setClosed = resolve;
    });
    const { role, limits } = options;
    this.machine = createHttp2Connection({ role, owner: this, now: 0, ...(limits === undefined ? {} : { limits }) });
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.machine.receive(bytes, 0, bytes.length, 0));
    socket.on("error", () => {});
    socket.on("close", () => this.machine.disconnect("the socket was closed"));
  }

  onOutput(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    queueMicrotask(() => this.#flush());
  }

  onMuchOutput(): void {}

  onReady(): void {
    this.#setReady();
  }

  onCapacity(): void {}

  onExchange(exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    if (this.#options.onExchange === undefined) throw new Error("a client was asked");
    return this.#options.onExchange(exchange, head, last);
  }

  onOverlongHead(exchange: Exchange): ExchangeOwner {
    exchange.reset("ENHANCE_YOUR_CALM");
    return new GatheringOwner();
  }

  onLimit(): void {}
  onPong(): void {}
  onDraining(): void {}

  onClosed(reason: string): void {
    this.#setClosed(reason);
    this.#flush();
    this.#socket.end();
  }

  #flush(): void {
    this.#flushDue = false;
    const parts: Uint8Array[] = [];
    this.machine.takeOutput(parts);
    if (parts.length === 0) return;
    this.#socket.write(Buffer.concat(parts));
    this.machine.recycleOutput();
  }
}

/** What came of an exchange, gathered. */
export class GatheringOwner implements ExchangeOwner {
  exchange: Exchange | undefined;
  readonly head: Promise<Fields>;
  /** The body and the tail, or the reset, whichever ends it. */
  readonly end: Promise<{ readonly body: Buffer; readonly tail: Fields | undefined } | ExchangeReset>;
  /** The reset, also one that comes after the other side's end. */
  readonly cut: Promise<ExchangeReset>;
  readonly #pieces: Buffer[] = [];
  #setHead: (fields: Fields) => void = () => {};
  #setEnd: (end: { readonly body: Buffer; readonly tail: Fields | undefined } | ExchangeReset) => void = () => {};
  #setCut: (reset: ExchangeReset) => void = () => {};
  #wake: (() => void) | undefined;

  constructor() {
    this.cut = new Promise((resolve) => {
      this.#setCut = resolve;
    });
    this.head = new Promise((resolve) => {
      this.#setHead = resolve;
    });
    this.end = new Promise((resolve) => {
      this.#setEnd = resolve;
    });
  }

  onHead(fields: Fields, last: boolean): void {
    this.#setHead(fields);
    if (last) this.#finish(undefined);
  }

  onBody(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.exchange?.consumed(end - start);
    if (last) this.#finish(undefined);
  }

  onTail(fields: Fields): void {
    this.#finish(fields);
  }

  onWritable(): void {
    this.#wake?.();
  }

  onReset(reset: ExchangeReset): void {
    this.#setCut(reset);
    this.#setEnd(reset);
    this.#wake?.();
  }

  /** Sends a body in pieces, waiting whenever one is held. */
  async send(body: Uint8Array, pieceBytes: number, last: boolean): Promise<void> {
    for (let at = 0; at < body.length || at === 0; at += pieceBytes) {
      const end = Math.min(body.length, at + pieceBytes);
      this.exchange?.begin().writeBytes(body, at, end);
      const result = this.exchange?.commit(last && end === body.length);
      if (result === "held") {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #finish(tail: Fields | undefined): void {
    this.#setEnd({ body: Buffer.concat(this.#pieces), tail });
  }
}
