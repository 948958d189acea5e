// A scripted HTTP/2 peer: it hands any frames to a connection machine, and shows what the machine sends and tells.
import assert from "node:assert/strict";
import type { ConnectionOwner, Exchange, ExchangeOwner, ExchangeReset, Fields, HttpConnection } from "farcall/http";
import { createHttp2Connection, type Http2Limits } from "farcall/http2";
import { type FieldList, FrameParser, preface, type SeenFrame, settings, settingsAck } from "./http2-frames.ts";

/** An exchange owner that writes down what it is told. */
export class RecordingOwner implements ExchangeOwner {
  /** One line a call, in order. */
  readonly events: string[] = [];
  readonly resets: ExchangeReset[] = [];
  bodyBytes = 0;
  writable = 0;
  /** Bytes of body to give credit for as they come. */
  consumes = false;
  exchange: Exchange | undefined;
  readonly #log: string[];

  constructor(log: string[]) {
    this.#log = log;
  }

  onHead(fields: Fields, last: boolean): void {
    this.note(`head ${formatFields(fields)}${last ? " last" : ""}`);
  }

  onBody(_bytes: Uint8Array, start: number, end: number, last: boolean): void {
    this.bodyBytes += end - start;
    if (last) this.note(`body of ${this.bodyBytes} last`);
    if (this.consumes) this.exchange?.consumed(end - start);
  }

  onTail(fields: Fields): void {
    if (this.bodyBytes > 0) this.note(`body of ${this.bodyBytes}`);
    this.note(`tail ${formatFields(fields)}`);
  }

  onWritable(): void {
    this.writable++;
    this.note("writable");
  }

  onReset(reset: ExchangeReset): void {
    this.resets.push(reset);
    this.note(`reset ${reset.code} ${reset.scope} ${reset.proof}`);
  }

  note(event: string): void {
    this.events.push(event);
    this.#log.push(event);
  }
}

export function formatFields({ list }: Fields): string {
  const pairs: string[] = [];
  for (let index = 0; index < list.length; index += 2) pairs.push(`${list[index]}=${list[index + 1]}`);
  return pairs.join(" ");
}

/** Names and values in turn, as templates have them. */
export function flatten(fields: FieldList): string[] {
  return fields.flat();
}

export interface ScriptOptions {
  readonly limits?: Partial<Http2Limits>;
  /** What the peer says of itself in its first SETTINGS. */
  readonly peerSettings?: readonly (readonly [id: number, value: number])[];
  /** How `send` hands bytes over: whole by default. */
  readonly cut?: (bytes: Uint8Array) => Uint8Array[];
}

/** A machine of either role with the test as its peer and as its owner. */
export class Script implements ConnectionOwner {
  readonly machine: HttpConnection;
  readonly role: "client" | "server";
  /** What the machine told its owners, exchanges and connection together, in order. */
  readonly log: string[] = [];
  /** Server: the exchanges that came, in order. */
  readonly requests: RecordingOwner[] = [];
  /** The names of the limits that the machine said were met, in order. */
  readonly limitsMet: string[] = [];
  readonly parser = new FrameParser();
  consumes = false;
  now = 1000;
  /** Server: runs in `onExchange`, with the exchange already noted. */
  onRequest: ((owner: RecordingOwner) => void) | undefined;
  readonly #cut: (bytes: Uint8Array) => Uint8Array[];
  #prefaceDue = 0;
  #wasTold = false;

  private constructor(role: "client" | "server", options: ScriptOptions) {
    this.role = role;
    this.#cut = options.cut ?? ((bytes) => [bytes]);
    this.#prefaceDue = role === "client" ? preface.length : 0;
    const limits = options.limits === undefined ? {} : { limits: options.limits };
    this.machine = createHttp2Connection({ role, owner: this, now: this.now, ...limits });
  }

  /** A machine that has said and heard nothing yet. */
  static create(role: "client" | "server", options: ScriptOptions = {}): Script {
    return new Script(role, options);
  }

  /** A machine after both sides' settings were exchanged and acknowledged; what it sent until then is taken. */
  static open(role: "client" | "server", options: ScriptOptions = {}): Script {
    const script = new Script(role, options);
    const first = Buffer.concat([settings(...(options.peerSettings ?? [])), settingsAck]);
    script.send(role === "server" ? Buffer.concat([preface, first]) : first);
    script.take();
    script.log.length = 0;
    return script;
  }

  /** Hands bytes to the machine. */
  send(...parts: readonly Uint8Array[]): this {
    for (const piece of this.#cut(Buffer.concat(parts))) {
      // Lent until return: what is read later must not be found there.
      const lent = Buffer.concat([Buffer.of(0xff), piece, Buffer.of(0xff)]);
      this.machine.receive(lent, 1, lent.length - 1, this.now);
      lent.fill(0xee);
    }
    return this;
  }

  /** The frames that the machine has sent since the last look. */
  take(): SeenFrame[] {
    const parts: Uint8Array[] = [];
    this.machine.takeOutput(parts);
    let bytes: Uint8Array = Buffer.concat(parts);
    this.machine.recycleOutput();
    assert.ok(this.#wasTold || bytes.length === 0, "there is output that nobody was told of");
    this.#wasTold = false;
    if (this.#prefaceDue > 0 && bytes.length > 0) {
      assert.deepEqual(Buffer.from(bytes.subarray(0, preface.length)), preface);
      bytes = bytes.subarray(preface.length);
      this.#prefaceDue = 0;
    }
    return this.parser.parse(bytes);
  }

  /** The frames as one line each, credit left out: what tests compare. */
  lines(): string[] {
    return this.take()
      .filter(({ type }) => type !== "WINDOW_UPDATE")
      .map(formatFrame);
  }

  /** Client: opens an exchange whose owner writes down what happens. */
  openExchange(): RecordingOwner & { exchange: Exchange } {
    const owner = new RecordingOwner(this.log);
    owner.consumes = this.consumes;
    const exchange = this.machine.open(owner);
    return Object.assign(owner, { exchange });
  }

  onOutput(): void {
    this.#wasTold = true;
  }

  onMuchOutput(): void {
    this.#wasTold = true;
  }

  onReady(): void {
    this.log.push("ready");
  }

  onCapacity(): void {}

  onExchange(exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    const owner = new RecordingOwner(this.log);
    owner.consumes = this.consumes;
    owner.exchange = exchange;
    owner.note(`request ${formatFields(head)}${last ? " last" : ""}`);
    this.requests.push(owner);
    this.onRequest?.(owner);
    return owner;
  }

  /** Cuts it, as one does who has no answer. */
  onOverlongHead(exchange: Exchange, head: Fields, reason: string): ExchangeOwner {
    this.log.push(`overlong ${formatFields(head).length} ${reason}`);
    exchange.reset("ENHANCE_YOUR_CALM");
    return new RecordingOwner(this.log);
  }

  onLimit(limit: string): void {
    this.limitsMet.push(limit);
  }

  onPong(roundTripMs: number): void {
    this.log.push(`pong after ${roundTripMs}`);
  }

  onDraining(): void {
    this.log.push("draining");
  }

  onClosed(): void {
    this.log.push("closed");
  }
}

/** One frame as one line. */
export function formatFrame(seen: SeenFrame): string {
  const end = seen.last === true ? " last" : "";
  switch (seen.type) {
    case "HEADERS":
      return `HEADERS ${seen.id} ${seen.fields?.map(([name, value]) => `${name}=${value}`).join(" ")}${end}`;
    case "DATA":
      return `DATA ${seen.id} of ${seen.payload.length}${end}`;
    case "RST_STREAM":
      return `RST_STREAM ${seen.id} ${seen.code}`;
    case "GOAWAY":
      return `GOAWAY ${seen.lastId} ${seen.code}`;
    case "WINDOW_UPDATE":
      return `WINDOW_UPDATE ${seen.id} ${seen.increment}`;
    case "PING":
      return `PING ${seen.payload.toString("latin1")}${seen.flags === 1 ? " ack" : ""}`;
    case "SETTINGS":
      return seen.entries === undefined ? "SETTINGS ack" : `SETTINGS ${seen.entries.map((entry) => entry.join("="))}`;
    default:
      return `${seen.type} ${seen.id}`;
  }
}
