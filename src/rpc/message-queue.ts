// RPC layer: messages that have come and that a program takes one by one. Credit goes back to the sender as they are
// taken, so a slow reader bounds what is kept here by the stream's window and one message.
import { Failure } from "./failure.ts";

/** Who feeds the queue. */
export interface QueueSource {
  /** The reader took a message of so many bytes. */
  taken(bytes: number): void;
  /** The reader waits and nothing is here: let more come, even if a message is larger than the window. */
  wantMore(): void;
  /** The reader has left before the end. */
  abandoned(): void;
}

type Result<Message> = IteratorResult<Message, undefined>;

const done: Result<never> = { value: undefined, done: true };

export class MessageQueue<Message> implements AsyncIterableIterator<Message> {
  readonly #source: QueueSource;
  #messages: Message[] = [];
  #sizes: number[] = [];
  /** Index of the oldest message not taken. */
  #first = 0;
  /** Readers that wait, oldest first. */
  readonly #readers: ((outcome: Result<Message> | Failure) => void)[] = [];
  #ended = false;
  #failure: Failure | undefined = undefined;

  constructor(source: QueueSource) {
    this.#source = source;
  }

  /** Messages that wait for a reader. */
  get length(): number {
    return this.#messages.length - this.#first;
  }

  /** Whether a reader waits. */
  get isAwaited(): boolean {
    return this.#readers.length > 0;
  }

  /** Whether it was ended: by its source, a failure or the reader. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** Adds a message that came as `bytes` bytes. */
  push(message: Message, bytes: number): void {
    if (this.#ended) return this.#source.taken(bytes);
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#messages.push(message);
      this.#sizes.push(bytes);
      return;
    }
    this.#source.taken(bytes);
    reader({ value: message, done: false });
  }

  /** No more messages come. Those that wait are still given out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader(done);
  }

  /** No more messages come; behind those that wait, the reader gets the error. */
  fail(failure: Failure): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#failure = failure;
    else reader(failure);
    this.end();
  }

  next(): Promise<Result<Message>> {
    if (this.#first < this.#messages.length) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#failure !== undefined) return this.#throw();
    if (this.#ended) return Promise.resolve(done);
    return this.#wait();
  }

  /** The reader leaves: what waits is dropped, and the source is told if it had not ended. */
  return(): Promise<Result<Message>> {
    this.#failure = undefined;
    while (this.#first < this.#messages.length) this.#take();
    if (!this.#ended) {
      this.end();
      this.#source.abandoned();
    }
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Message {
    const message = this.#messages[this.#first] as Message;
    const bytes = this.#sizes[this.#first] as number;
    this.#messages[this.#first] = undefined as Message;
    this.#first++;
    if (this.#first === this.#messages.length) {
      this.#messages = [];
      this.#sizes = [];
      this.#first = 0;
    } else if (this.#first >= 1024 && this.#first * 2 >= this.#messages.length) {
      this.#messages = this.#messages.slice(this.#first);
      this.#sizes = this.#sizes.slice(this.#first);
      this.#first = 0;
    }
    this.#source.taken(bytes);
    return message;
  }

  // Both throw after an `await` of their own or within an `async` function: the error's stack then shows the reader.

  async #wait(): Promise<Result<Message>> {
    const outcome = await new Promise<Result<Message> | Failure>((resolve) => {
      this.#readers.push(resolve);
      this.#source.wantMore();
    });
    if (outcome instanceof Failure) throw outcome.make();
    return outcome;
  }

  async #throw(): Promise<Result<Message>> {
    const failure = this.#failure as Failure;
    this.#failure = undefined;
    throw failure.make();
  }
}
