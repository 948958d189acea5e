// Test support: one method of each kind whose handlers do what a plan says, and keep a record of what they did. The record
// judges what clients say of their calls.
import { CallError, implement, type ServerCall } from "farcall";
import type { Machine } from "farcall/host";
import { bidiStream, bytes, clientStream, int32, message, serverStream, service, string, unary } from "farcall/idl";

export const Order = message("life.Order", { tag: string(1), body: bytes(2) });
export const Item = message("life.Item", { n: int32(1), body: bytes(2) });
export const Life = service("life.Life", {
  unary: unary(Order, Item),
  serverStream: serverStream(Order, Item),
  clientStream: clientStream(Item, Item),
  bidiStream: bidiStream(Item, Item),
});

export type Kind = keyof typeof Life.methods;
export const kinds: readonly Kind[] = ["unary", "serverStream", "clientStream", "bidiStream"];

/** What a handler is to do. */
export interface Plan {
  /** Between its messages, in milliseconds. */
  readonly pauseMs: number;
  /** Replies of a server stream. */
  readonly replies: number;
  readonly replyBytes: number;
  /** It ends with ABORTED. */
  readonly fails: boolean;
  /** It does not hear that its call is over. */
  readonly isDeaf: boolean;
}

/** What became of the call with one tag on the server. */
export interface HandlerRecord {
  starts: number;
  settles: number;
  /** It ended as its plan says. */
  isDone: boolean;
  readonly received: number[];
  readonly yielded: number[];
}

export class LifeService {
  readonly plans = new Map<string, Plan>();
  readonly records = new Map<string, HandlerRecord>();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  record(tag: string): HandlerRecord {
    let record = this.records.get(tag);
    if (record === undefined) {
      record = { starts: 0, settles: 0, isDone: false, received: [], yielded: [] };
      this.records.set(tag, record);
    }
    return record;
  }

  implement() {
    return implement(Life, {
      unary: (_order, call) => this.#settling(call, () => this.#unary(call)),
      serverStream: (_order, call) => this.#streaming(call, this.#replies(call)),
      clientStream: (items, call) => this.#settling(call, () => this.#count(items, call)),
      bidiStream: (items, call) => this.#streaming(call, this.#echo(items, call)),
    });
  }

  async #unary(call: ServerCall) {
    await this.#pause(call);
    return this.#reply(call, 0);
  }

  async *#replies(call: ServerCall) {
    for (let n = 0; n < this.#plan(call).replies; n++) {
      await this.#pause(call);
      yield this.#reply(call, n);
    }
  }

  async #count(items: AsyncIterable<{ readonly n: number }>, call: ServerCall) {
    for await (const { n } of items) {
      this.#recordOf(call).received.push(n);
      await this.#pause(call);
    }
    return this.#reply(call, this.#recordOf(call).received.length);
  }

  async *#echo(items: AsyncIterable<{ readonly n: number }>, call: ServerCall) {
    for await (const { n } of items) {
      this.#recordOf(call).received.push(n);
      await this.#pause(call);
      yield this.#reply(call, n);
    }
  }

  async #settling<Result>(call: ServerCall, task: () => Promise<Result>): Promise<Result> {
    const record = this.#recordOf(call);
    record.starts++;
    try {
      const result = await task();
      if (this.#plan(call).fails) throw new CallError("ABORTED", "as planned");
      record.isDone = true;
      return result;
    } finally {
      record.settles++;
    }
  }

  async *#streaming<Reply>(call: ServerCall, replies: AsyncIterable<Reply>) {
    const record = this.#recordOf(call);
    record.starts++;
    try {
      for await (const reply of replies) yield reply;
      if (this.#plan(call).fails) throw new CallError("ABORTED", "as planned");
      record.isDone = true;
    } finally {
      record.settles++;
    }
  }

  #reply(call: ServerCall, n: number) {
    this.#recordOf(call).yielded.push(n);
    return { n, body: new Uint8Array(this.#plan(call).replyBytes) };
  }

  #pause(call: ServerCall): Promise<void> {
    const { pauseMs, isDeaf } = this.#plan(call);
    if (pauseMs === 0) return Promise.resolve();
    if (!isDeaf) return call.sleep(pauseMs);
    return new Promise((resolve) => void this.#machine.timers.set(resolve, pauseMs));
  }

  #plan(call: ServerCall): Plan {
    return this.plans.get(tagOf(call)) as Plan;
  }

  #recordOf(call: ServerCall): HandlerRecord {
    return this.record(tagOf(call));
  }
}

function tagOf(call: ServerCall): string {
  return call.metadata.get("tag") as string;
}
