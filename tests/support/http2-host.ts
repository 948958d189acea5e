// Drives a connection machine on a machine's socket, its deadlines included, with no RPC above it: HTTP/2 alone, with the
// limits that are every gRPC connection's. For judges that speak HTTP/2 and no gRPC.
import type { Machine, SocketFault, SocketReceiver, StreamSocket, Timer } from "farcall/host";
import type { ConnectionOwner, Exchange, ExchangeOwner, Fields, HttpConnection } from "farcall/http";
import { createHttp2Connection } from "farcall/http2";

/** What a hosted connection tells. */
export interface HostedEvents {
  /** Client: exchanges may be opened. Told again whenever one more may be. */
  readonly onRoom?: (connection: HttpConnection) => void;
  /** Server: an exchange came. */
  readonly onExchange?: (exchange: Exchange, head: Fields, last: boolean) => ExchangeOwner;
  /** The connection is over, and the reason; the socket closes by itself. */
  readonly onClosed?: (reason: string) => void;
}

/** How long the peer may take to close its direction after ours was ended. */
const lingerMs = 1000;

const nobody: ExchangeOwner = { onHead() {}, onBody() {}, onTail() {}, onWritable() {}, onReset() {} };

/** One connection with its socket, its turn and its deadlines. */
export class HostedConnection implements SocketReceiver, ConnectionOwner {
  readonly #machine: Machine;
  readonly #socket: StreamSocket;
  readonly #connection: HttpConnection;
  readonly #events: HostedEvents;
  #timer: Timer | undefined;
  #flushDue = false;
  #isOver = false;

  constructor(machine: Machine, socket: StreamSocket, role: "client" | "server", events: HostedEvents) {
    this.#machine = machine;
    this.#socket = socket;
    this.#events = events;
    this.#connection = createHttp2Connection({ role, owner: this, now: machine.clock.now() });
    socket.open(this);
    this.#setTimer();
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#connection.receive(bytes, start, end, this.#machine.clock.now());
    this.#setTimer();
  }

  onWritable(): void {
    this.#connection.setWritable(true);
  }

  onEnd(): void {
    this.#connection.disconnect("the peer closed the connection");
  }

  onClose(fault: SocketFault | undefined): void {
    this.#connection.disconnect(fault?.message ?? "the connection was closed");
    if (this.#timer !== undefined) this.#machine.timers.clear(this.#timer);
  }

  onOutput(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    this.#machine.turn.atEnd(() => this.#flush());
  }

  onMuchOutput(): void {}

  onReady(): void {
    this.#events.onRoom?.(this.#connection);
  }

  onCapacity(): void {
    if (this.#connection.capacity > 0) this.#events.onRoom?.(this.#connection);
  }

  onExchange(exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    if (this.#events.onExchange === undefined) throw new Error("a client was asked");
    return this.#events.onExchange(exchange, head, last);
  }

  onOverlongHead(exchange: Exchange): ExchangeOwner {
    exchange.reset("ENHANCE_YOUR_CALM");
    return nobody;
  }

  onLimit(): void {}
  onPong(): void {}
  onDraining(): void {}

  onClosed(reason: string): void {
    this.#isOver = true;
    this.onOutput();
    this.#events.onClosed?.(reason);
  }

  #flush(): void {
    this.#flushDue = false;
    const parts: Uint8Array[] = [];
    this.#connection.takeOutput(parts);
    // Copied, so that what the machine lent may be used again at once.
    if (parts.length > 0 && !this.#socket.write([Buffer.concat(parts)])) this.#connection.setWritable(false);
    this.#connection.recycleOutput();
    if (!this.#isOver) return;
    this.#socket.end();
    this.#after(lingerMs, () => this.#socket.reset());
  }

  #setTimer(): void {
    const dueAt = this.#connection.nextDeadline();
    if (this.#isOver || dueAt === Number.POSITIVE_INFINITY) return;
    this.#after(Math.max(0, dueAt - this.#machine.clock.now()), () => {
      this.#connection.advance(this.#machine.clock.now());
      this.#setTimer();
    });
  }

  #after(delayMs: number, task: () => void): void {
    if (this.#timer !== undefined) this.#machine.timers.clear(this.#timer);
    this.#timer = this.#machine.timers.set(task, delayMs, { background: true });
  }
}
