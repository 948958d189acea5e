// Test support: one call of any kind in a program's hands, and how it ended. What it says of itself is judged in
// `life-model.ts`.
import { CallError, type Channel } from "farcall";
import { type Kind, Life, type Plan } from "./life-service.ts";

export interface Ending {
  readonly code: string;
  readonly execution: string;
  readonly atMs: number;
}

interface Stream {
  readonly trailers: Promise<unknown>;
  cancel(): void;
}

interface Replies extends Stream, AsyncIterable<{ readonly n: number }> {}

interface Requests extends Stream {
  send(item: { readonly n: number; readonly body: Uint8Array }): Promise<void>;
  end(): void;
}

export class LifeCall {
  readonly tag: string;
  readonly kind: Kind;
  readonly plan: Plan;
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly sent: number[] = [];
  readonly got: number[] = [];
  ending: Ending | undefined = undefined;
  /** How often an end was told. */
  endings = 0;
  isCancelled = false;
  isHalfClosed = false;
  /** What the reader of its replies was told at their end: `done`, or a code. */
  readEnd: string | undefined = undefined;
  readonly #now: () => number;
  readonly #abort = new AbortController();
  #requests: Requests | undefined = undefined;
  #stream: Stream | undefined = undefined;
  #reader: AsyncIterator<{ readonly n: number }> | undefined = undefined;

  constructor(
    channel: Channel,
    start: {
      readonly tag: string;
      readonly kind: Kind;
      readonly plan: Plan;
      readonly timeoutMs: number;
      readonly now: () => number;
    },
  ) {
    this.tag = start.tag;
    this.kind = start.kind;
    this.plan = start.plan;
    this.#now = start.now;
    this.startedAt = start.now();
    this.deadlineAt = this.startedAt + start.timeoutMs;
    const stub = channel.stub(Life);
    const { timeoutMs } = start;
    const options = { timeoutMs, metadata: { tag: this.tag }, signal: this.#abort.signal };
    const order = { tag: this.tag, body: new Uint8Array(start.plan.replyBytes) };
    if (start.kind === "unary") {
      this.#watch(stub.unary(order, options).then(({ n }) => void this.got.push(n)));
    } else if (start.kind === "serverStream") {
      this.#reads(stub.serverStream(order, options));
    } else if (start.kind === "clientStream") {
      const stream = stub.clientStream(undefined, options);
      this.#requests = this.#stream = stream;
      this.#watch(stream.reply.then(({ n }) => void this.got.push(n)));
    } else {
      const stream = stub.bidiStream(undefined, options);
      this.#requests = stream;
      this.#reads(stream);
    }
  }

  /** It sends messages, and has not said that it is done. */
  get canSend(): boolean {
    return this.#requests !== undefined && !this.isHalfClosed && this.ending === undefined;
  }

  /** Its replies are read one by one, and there may be more. */
  get canRead(): boolean {
    return this.#reader !== undefined && this.readEnd === undefined;
  }

  send(byteCount: number): void {
    const n = this.sent.length;
    this.sent.push(n);
    this.#requests?.send({ n, body: new Uint8Array(byteCount) }).catch(() => {});
  }

  halfClose(): void {
    this.isHalfClosed = true;
    this.#requests?.end();
  }

  cancel(): void {
    this.isCancelled ||= this.ending === undefined;
    if (this.#stream === undefined) this.#abort.abort();
    else this.#stream.cancel();
  }

  /** Asks for the next replies; they come when they come. */
  read(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#reader?.next().then(
        ({ value, done }) => {
          if (done === true) this.readEnd ??= "done";
          else this.got.push(value.n);
        },
        (error: unknown) => {
          // Told to one reader alone: one that asked later may have heard before it that nothing comes.
          this.readEnd = codeOf(error);
        },
      );
    }
  }

  #reads(stream: Replies): void {
    this.#stream = stream;
    this.#reader = stream[Symbol.asyncIterator]();
    this.#watch(stream.trailers);
  }

  #watch(end: Promise<unknown>): void {
    end.then(
      () => this.#ended("OK", "executed"),
      (error: unknown) => {
        if (!(error instanceof CallError)) throw error;
        this.#ended(error.code, error.execution);
      },
    );
  }

  #ended(code: string, execution: string): void {
    this.endings++;
    this.ending = { code, execution, atMs: this.#now() };
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof CallError)) throw error;
  return error.code;
}
