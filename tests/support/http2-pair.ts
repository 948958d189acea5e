// A client and a server machine joined by a pipe in memory that cuts the bytes wherever the test says.
import assert from "node:assert/strict";
import type { ConnectionOwner, Exchange, ExchangeOwner, ExchangeReset, Fields, HttpConnection } from "farcall/http";
import { FieldTemplate } from "farcall/http";
import { createHttp2Connection, type Http2Limits } from "farcall/http2";

const request = new FieldTemplate([":method", "POST", ":scheme", "http", ":path", "/p/M", ":authority", "localhost"]);
const response = new FieldTemplate([":status", "200", "content-type", "application/octet-stream"]);
const trailers = new FieldTemplate(["x-status", "0"]);

/** How an exchange goes. Sizes in bytes. */
export interface Plan {
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The size of a piece of body; 0 never. */
  readonly pieceBytes: number;
  /** The server answers before it has read the request's end. */
  readonly early: boolean;
  /** Ends with a tail, or with the body's last piece. */
  readonly withTail: boolean;
  /** Who cuts the exchange once so many bytes of body came to it. */
  readonly cut: { readonly by: "client" | "server"; readonly afterBytes: number } | undefined;
}

/** The byte at `index` of the body of a side: each body is another one. */
function byteAt(seed: number, index: number): number {
  return (seed * 37 + index * 11 + (index >> 8)) & 0xff;
}

interface SideOptions {
  readonly seed: number;
  readonly peerSeed: number;
  readonly bytes: number;
  readonly pieceBytes: number;
  readonly withTail: boolean;
  readonly cutAfter: number;
}

/** One side of an exchange: writes its body as it may, checks the other's as it comes, gives credit when told. */
class Side implements ExchangeOwner {
  exchange: Exchange | undefined;
  /** The other side has ended its direction. */
  heardAll = false;
  /** We cut the exchange, or were told that it is cut. */
  hasCut = false;
  reset: ExchangeReset | undefined;
  unconsumed = 0;
  received = 0;
  readonly #options: SideOptions;
  #sent = 0;
  #waits = false;
  #begun = false;
  #ended = false;
  onEnd: (() => void) | undefined;
  onFirst: (() => void) | undefined;

  constructor(options: SideOptions) {
    this.#options = options;
  }

  get isCut(): boolean {
    return this.hasCut || this.reset !== undefined;
  }

  /** Writes as much as is taken. */
  write(): void {
    this.#begun = true;
    const { exchange } = this;
    const { bytes, pieceBytes, seed, withTail } = this.#options;
    while (exchange !== undefined && !this.#waits && !this.#ended && !this.isCut) {
      const count = Math.min(pieceBytes, bytes - this.#sent);
      const last = this.#sent + count === bytes && !withTail;
      if (count > 0 || last) {
        const writer = exchange.begin();
        writer.ensure(count);
        for (let index = 0; index < count; index++) writer.bytes[writer.position++] = byteAt(seed, this.#sent + index);
        this.#sent += count;
        this.#ended = last;
        this.#waits = exchange.commit(last) === "held";
      } else {
        this.#ended = true;
        exchange.tail(trailers, undefined);
      }
    }
  }

  onHead(_fields: Fields, last: boolean): void {
    if (last) this.#end();
  }

  onBody(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    assert.equal(this.heardAll || this.isCut, false);
    for (let at = start; at < end; at++) {
      assert.equal(bytes[at], byteAt(this.#options.peerSeed, this.received), `byte ${this.received}`);
      this.received++;
    }
    this.unconsumed += end - start;
    if (this.received >= this.#options.cutAfter) return this.#cut();
    this.onFirst?.();
    this.onFirst = undefined;
    if (last) this.#end();
  }

  onTail(): void {
    this.#end();
  }

  onWritable(): void {
    assert.equal(this.#waits, true);
    this.#waits = false;
    if (this.#begun) this.write();
  }

  onReset(reset: ExchangeReset): void {
    assert.equal(this.isCut, false);
    this.reset = reset;
  }

  /** Gives credit for all that came. */
  consume(): boolean {
    const bytes = this.unconsumed;
    this.unconsumed = 0;
    if (bytes > 0) this.exchange?.consumed(bytes);
    return bytes > 0;
  }

  #cut(): void {
    this.hasCut = true;
    this.exchange?.reset("CANCEL");
  }

  #end(): void {
    assert.equal(this.heardAll || this.isCut, false);
    this.heardAll = true;
    this.onEnd?.();
  }
}

class Owner implements ConnectionOwner {
  closed: string | undefined;
  /** The machine said that there is output; a driver that is told nothing takes nothing. */
  hasOutput = false;
  onExchangeCame: ((exchange: Exchange, last: boolean) => ExchangeOwner) | undefined;

  onOutput(): void {
    this.hasOutput = true;
  }

  onMuchOutput(): void {
    this.hasOutput = true;
  }

  onReady(): void {}
  onCapacity(): void {}
  onPong(): void {}
  onLimit(): void {}
  onDraining(): void {}

  onClosed(reason: string): void {
    this.closed = reason;
  }

  onExchange(exchange: Exchange, _head: Fields, last: boolean): ExchangeOwner {
    if (this.onExchangeCame === undefined) throw new Error("a client was asked");
    return this.onExchangeCame(exchange, last);
  }

  onOverlongHead(): ExchangeOwner {
    throw new Error("this peer sends no large heads");
  }
}

/** Two machines and the pipe between them. */
export class Pair {
  readonly client: HttpConnection;
  readonly server: HttpConnection;
  readonly sides: { readonly plan: Plan; readonly client: Side; server: Side | undefined }[] = [];
  readonly #owners = { client: new Owner(), server: new Owner() };
  readonly #cuts: readonly number[];
  #cutAt = 0;
  #now = 0;

  /** `cuts`: the sizes of the pieces in which bytes arrive, over and over. */
  constructor(limits: Partial<Http2Limits>, cuts: readonly number[]) {
    this.#cuts = cuts;
    this.client = createHttp2Connection({ role: "client", owner: this.#owners.client, now: 0, limits });
    this.server = createHttp2Connection({ role: "server", owner: this.#owners.server, now: 0, limits });
    this.#owners.server.onExchangeCame = (exchange, last) => this.#accept(exchange, last);
    this.settle();
  }

  /** Begins an exchange. */
  start(plan: Plan): void {
    const seed = this.sides.length * 2;
    const client = new Side({
      seed,
      peerSeed: seed + 1,
      bytes: plan.requestBytes,
      pieceBytes: plan.pieceBytes,
      withTail: false,
      cutAfter: plan.cut?.by === "client" ? plan.cut.afterBytes : Number.POSITIVE_INFINITY,
    });
    this.sides.push({ plan, client, server: undefined });
    client.exchange = this.client.open(client);
    client.exchange.head(request, ["x-exchange", `${seed / 2}`], false);
    client.write();
  }

  /** Moves bytes both ways until there are none; each time that nothing moves, owners consume what they have. */
  settle(): void {
    for (;;) {
      let moved = true;
      while (moved) moved = this.#move("client", "server") || this.#move("server", "client");
      let consumed = false;
      for (const { client, server } of this.sides) {
        consumed = client.consume() || consumed;
        consumed = server?.consume() || consumed;
      }
      this.check();
      if (!consumed) return;
    }
  }

  /** What must hold whenever no bytes are on their way. */
  check(): void {
    assert.equal(this.#owners.client.closed, undefined);
    assert.equal(this.#owners.server.closed, undefined);
    assert.equal(this.client.openExchanges, this.server.openExchanges);
  }

  #accept(exchange: Exchange, last: boolean): ExchangeOwner {
    const entry = this.sides.find(({ server }) => server === undefined);
    assert.ok(entry);
    const seed = this.sides.indexOf(entry) * 2;
    const { plan } = entry;
    const server = new Side({
      seed: seed + 1,
      peerSeed: seed,
      bytes: plan.responseBytes,
      pieceBytes: plan.pieceBytes,
      withTail: plan.withTail,
      cutAfter: plan.cut?.by === "server" ? plan.cut.afterBytes : Number.POSITIVE_INFINITY,
    });
    entry.server = server;
    server.exchange = exchange;
    const answer = () => {
      exchange.head(response, undefined, false);
      server.write();
    };
    if (plan.early && !last) server.onFirst = answer;
    else server.onEnd = answer;
    if (last) answer();
    return server;
  }

  #move(from: "client" | "server", to: "client" | "server"): boolean {
    if (!this.#owners[from].hasOutput) return false;
    this.#owners[from].hasOutput = false;
    const parts: Uint8Array[] = [];
    this[from].takeOutput(parts);
    const bytes = Buffer.concat(parts);
    this[from].recycleOutput();
    this.#now++;
    for (let at = 0; at < bytes.length; ) {
      const size = this.#cuts[this.#cutAt++ % this.#cuts.length] ?? bytes.length;
      const end = Math.min(bytes.length, at + Math.max(1, size));
      this[to].receive(bytes, at, end, this.#now);
      at = end;
    }
    return bytes.length > 0;
  }
}
