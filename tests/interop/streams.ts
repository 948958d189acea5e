// interop.Streams as the TypeScript peers and the tests speak of it, whatever toolkit carries it: the shapes, the parts
// that are sent, and the handlers. Nothing here knows a toolkit.
import { Latch } from "./latch.ts";
import {
  type CallOptions,
  type FailRequest,
  type Fields,
  interruptedStatus,
  type ServedCall,
  type SleepState,
} from "./probe.ts";

export interface Part {
  /** Its place in the stream, from 0. */
  readonly n: number;
  readonly payload: Uint8Array;
  /** In the first part of a request only. */
  readonly order?: Order | undefined;
}

/** As a server sends it. */
export type BarePart = Omit<Part, "order">;

/** What a server is to do; probe.proto says what each field means. */
export interface Order {
  readonly id?: string;
  readonly count?: number;
  readonly payloadBytes?: number;
  readonly pauseMs?: number;
  readonly answerAfter?: number;
  readonly hold?: boolean;
  readonly afterEnd?: boolean;
  readonly ending?: FailRequest | undefined;
}

export interface Summary {
  readonly count: number;
  readonly bytes: number;
  /** Parts that were not in their place, or not as they should be. */
  readonly wrong: number;
}

export interface StreamReport {
  readonly state: SleepState;
  readonly sent: number;
  readonly received: number;
}

/** A streaming call as its client holds it. */
export interface Conversation<Sent, Received> {
  /** The server's headers, once they came. */
  readonly headers: Promise<Fields>;
  /** The server's trailers; ask for them once the call has ended well. */
  readonly trailers: Promise<Fields>;
  /** Resolves when the toolkit takes more; rejects when the call has ended. */
  send(message: Sent): Promise<void>;
  /** No message follows. */
  end(): void;
  /** The next message; undefined: the call has ended well. Rejects with a `CallFailure`. */
  next(): Promise<Received | undefined>;
  cancel(): void;
}

/** A client of interop.Streams. Failed calls reject with a `CallFailure`. */
export interface StreamsClient {
  feed(order: Order, options: CallOptions): Conversation<never, Part>;
  /** Its one answer comes by `next`. */
  collect(options: CallOptions): Conversation<Part, Summary>;
  chat(options: CallOptions): Conversation<Part, Part>;
  lastStream(query: { id: string; over: boolean }, options: CallOptions): Promise<StreamReport>;
  release(query: { id: string }, options: CallOptions): Promise<void>;
  drain(options: CallOptions): Promise<void>;
}

/** Holds every payload: that of part n begins at n % 251. */
const pattern = Uint8Array.from({ length: 4 * 1024 * 1024 + 251 }, (_, index) => index % 251);

export function partOf(n: number, payloadBytes: number, order?: Order): Part {
  const payload = pattern.subarray(n % 251, (n % 251) + payloadBytes);
  return order === undefined ? { n, payload } : { n, payload, order };
}

/** Whether a part is the one for that place. */
export function isPart({ n, payload }: Part, place: number): boolean {
  const start = place % 251;
  return n === place && Buffer.compare(pattern.subarray(start, start + payload.length), payload) === 0;
}

/** What a server knows of one streaming call. */
class Stream {
  state: SleepState = "unseen";
  sent = 0;
  received = 0;
  readonly begun = new Latch();
  readonly over = new Latch();
  /** Opened by Release, and by the end of the call. */
  readonly released = new Latch();

  begin(call: ServedCall): void {
    this.state = "sleeping";
    this.begun.open();
    this.released.openOn(call.signal);
  }

  end({ signal, timeLeftMs }: ServedCall): void {
    const late = timeLeftMs !== undefined && timeLeftMs <= 1;
    this.state = !signal.aborted ? "done" : late ? "deadline" : "cancelled";
    this.over.open();
  }

  /** The parts that the order asks for. */
  async *ownParts({ count = 0, payloadBytes = 0, pauseMs = 0 }: Order, call: ServedCall): AsyncGenerator<BarePart> {
    for (let n = 0; n < count && !call.signal.aborted; n++) {
      if (pauseMs > 0) await Latch.within(pauseMs, call.signal);
      yield partOf(n, payloadBytes);
      this.sent++;
    }
  }
}

/** What an iterator gives is read on behind its first value. */
async function* behind(iterator: AsyncIterator<Part>, first: Part, order: Order): AsyncGenerator<Part> {
  let count = 1;
  yield first;
  while (count !== order.answerAfter) {
    const next = await iterator.next();
    if (next.done === true) return;
    count++;
    yield next.value;
  }
}

/** The handlers of interop.Streams; a toolkit sends what they yield at its client's pace. */
export class StreamService {
  readonly #streams = new Map<string, Stream>();
  readonly #fail: (request: FailRequest) => Error;
  readonly #drain: () => void;

  /** `fail` makes the toolkit's error of a failure; `drain` ends the server and serves anew. */
  constructor(fail: (request: FailRequest) => Error, drain: () => void) {
    this.#fail = fail;
    this.#drain = drain;
  }

  async *feed(order: Order, call: ServedCall): AsyncGenerator<BarePart> {
    const stream = this.#find(order.id);
    stream.begin(call);
    try {
      yield* stream.ownParts(order, call);
      if (order.hold === true) await stream.released.opened;
    } finally {
      stream.end(call);
    }
    this.#failAs(order, stream.state);
  }

  async collect(parts: AsyncIterable<Part>, call: ServedCall): Promise<Summary> {
    const iterator = parts[Symbol.asyncIterator]();
    const summary = { count: 0, bytes: 0, wrong: 0 };
    const first = await iterator.next();
    if (first.done === true) return summary;
    const order = first.value.order ?? {};
    const stream = this.#find(order.id);
    stream.begin(call);
    try {
      for await (const part of behind(iterator, first.value, order)) {
        stream.received++;
        if (!isPart(part, summary.count)) summary.wrong++;
        summary.count++;
        summary.bytes += part.payload.length;
        if (order.hold === true && summary.count === 1) await stream.released.opened;
      }
    } finally {
      stream.end(call);
    }
    this.#failAs(order, stream.state);
    return summary;
  }

  async *chat(parts: AsyncIterable<Part>, call: ServedCall): AsyncGenerator<BarePart> {
    const iterator = parts[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done === true) return;
    const order = first.value.order ?? {};
    const stream = this.#find(order.id);
    stream.begin(call);
    try {
      yield* this.#talk(stream, order, behind(iterator, first.value, order), call);
    } finally {
      stream.end(call);
    }
    this.#failAs(order, stream.state);
  }

  async lastStream({ id, over }: { id: string; over: boolean }): Promise<StreamReport> {
    const stream = this.#find(id);
    await (over ? stream.over : stream.begun).opened;
    const { state, sent, received } = stream;
    return { state, sent, received };
  }

  release({ id }: { id: string }): void {
    this.#find(id).released.open();
  }

  drain(): void {
    this.#drain();
  }

  async *#talk(stream: Stream, order: Order, parts: AsyncIterable<Part>, call: ServedCall): AsyncGenerator<BarePart> {
    const kept: BarePart[] = [];
    const reading = async (): Promise<void> => {
      for await (const _ of parts) stream.received++;
    };
    if ((order.count ?? 0) > 0) {
      const read = reading();
      yield* stream.ownParts(order, call);
      return read;
    }
    for await (const { n, payload } of parts) {
      stream.received++;
      if (order.afterEnd === true) kept.push({ n, payload });
      else yield { n, payload };
    }
    if (order.hold === true) await stream.released.opened;
    yield* kept;
  }

  #failAs({ ending }: Order, state: SleepState): void {
    const interrupted = interruptedStatus({ state });
    const details = new Uint8Array();
    if (interrupted !== undefined) throw this.#fail({ code: interrupted, message: "the stream was ended", details });
    if (ending !== undefined) throw this.#fail(ending);
  }

  /** The record of a stream, also of one that has not begun. Streams without an id share nothing. */
  #find(id = ""): Stream {
    const found = this.#streams.get(id) ?? new Stream();
    if (id !== "") this.#streams.set(id, found);
    return found;
  }
}
