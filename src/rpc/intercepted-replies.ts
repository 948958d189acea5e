// RPC layer: the replies of a streaming call within interceptors, as its reader takes them: what the interceptors answered,
// message by message. Whatever they do, a reader that leaves has left, and one that waits hears of the call's end.
import type { Failure } from "./failure.ts";
import { letGo } from "./requests.ts";

type Step = IteratorResult<unknown, undefined>;

const done: Step = { value: undefined, done: true };

/** What the reader's end means for the call. */
export interface RepliesOwner {
  /** Opens what the interceptors answered. Rejects as the call fails. */
  open(): Promise<AsyncIterator<unknown>>;
  /** All messages were read. */
  readToEnd(): void;
  /** The reader has left before the end. */
  left(): void;
  /** Reading failed: what the call fails with. */
  failed(error: unknown): Failure;
}

export class InterceptedReplies implements AsyncIterableIterator<unknown, undefined> {
  readonly #owner: RepliesOwner;
  #source: Promise<AsyncIterator<unknown>> | undefined = undefined;
  /** Readers that wait. */
  readonly #waiting = new Set<(outcome: Step | Failure) => void>();
  #isOver = false;
  /** What the next reader is told, once. */
  #failure: Failure | undefined = undefined;

  constructor(owner: RepliesOwner) {
    this.#owner = owner;
  }

  async next(): Promise<Step> {
    const outcome = this.#isOver ? this.#sayOver() : await this.#wait();
    if ("make" in outcome) throw outcome.make();
    return outcome;
  }

  async return(): Promise<Step> {
    this.#failure = undefined;
    if (this.#isOver) return done;
    if (this.#source === undefined || this.#waiting.size > 0) {
      // The interceptors would hear of it only behind the message that is waited for, which may never come.
      this.#owner.left();
      this.#stop(done);
      return done;
    }
    this.#isOver = true;
    try {
      await (await this.#source).return?.();
    } catch (error) {
      throw this.#owner.failed(error).make();
    } finally {
      this.#owner.left();
    }
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * The call was ended by its deadline or from outside: those who wait do so no longer. When it was the program that
   * cancelled it, nothing more is read.
   */
  interrupt(failure: Failure, isCancelled: boolean): void {
    if (this.#isOver || (this.#waiting.size === 0 && !isCancelled)) return;
    const whole = this.#owner.failed(failure.make());
    if (this.#waiting.size === 0) this.#failure = whole;
    this.#stop(whole);
  }

  #wait(): Promise<Step | Failure> {
    return new Promise((resolve) => {
      const answer = (outcome: Step | Failure): void => {
        this.#waiting.delete(answer);
        resolve(outcome);
      };
      this.#waiting.add(answer);
      this.#step().then(answer, (error) => answer(this.#fail(error)));
    });
  }

  async #step(): Promise<Step> {
    this.#source ??= this.#owner.open();
    const step = await (await this.#source).next();
    if (step.done !== true) return step;
    if (!this.#isOver) {
      this.#isOver = true;
      this.#owner.readToEnd();
    }
    return done;
  }

  #fail(error: unknown): Step | Failure {
    if (this.#isOver) return this.#sayOver();
    this.#isOver = true;
    return this.#owner.failed(error);
  }

  #sayOver(): Step | Failure {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ?? done;
  }

  /** Nobody reads any more. Who waits is told `outcome`, the first of several a failure, as of any iterator. */
  #stop(outcome: Step | Failure): void {
    this.#isOver = true;
    let first: Step | Failure = outcome;
    for (const answer of [...this.#waiting]) {
      answer(first);
      first = done;
    }
    this.#source ??= this.#owner.open();
    this.#source.then(letGo, () => {});
  }
}
