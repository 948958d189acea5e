// RPC layer: a streaming call whose messages pass interceptors: what they answer is what the program reads, and what the
// program pushes they get as an iterable.
import { Fifo } from "../bytes/fifo.ts";
import type { Method } from "../marshal/types.ts";
import { CallError } from "./call-error.ts";
import type { BidiStream, ClientStream, Conversation } from "./conversation.ts";
import type { Failure } from "./failure.ts";
import { InterceptedReplies } from "./intercepted-replies.ts";
import { wrongAnswer } from "./interceptor.ts";
import { MessageQueue } from "./message-queue.ts";
import type { Metadata } from "./metadata.ts";
import { sentAfterEnd, sentTooLate } from "./requests.ts";

/** What the stream needs of its call. */
interface WholeCall {
  readonly method: Method;
  launch(task: () => unknown, interrupted: (failure: Failure) => void): Promise<unknown>;
  answered(answer: unknown): void;
  wholeFailure(error: unknown): Failure;
  finish(failure: Failure | undefined): void;
  cancel(reason: string): void;
  onEnd(task: (error: unknown) => void): void;
}

export class InterceptedStream implements BidiStream<unknown, unknown>, ClientStream<unknown, unknown> {
  readonly #call: WholeCall;
  readonly #answer: Promise<unknown>;
  /** What was pushed and not yet sent; each push waits until it is taken. */
  readonly #pushed: MessageQueue<unknown>;
  /** Who waits, told whether the message was taken. */
  readonly #senders = new Fifo<(isTaken: boolean) => void>();
  #sentEnd: boolean;
  #isCancelled = false;
  readonly #over: Promise<unknown>;
  readonly #replies: InterceptedReplies;

  constructor(
    call: WholeCall,
    intercepted: (request: unknown) => unknown,
    body: { readonly message?: unknown; readonly requests?: unknown },
  ) {
    this.#call = call;
    this.#pushed = new MessageQueue({
      taken: () => this.#senders.shift()?.(true),
      wantMore: () => {},
      abandoned: () => this.#release(),
    });
    this.#replies = new InterceptedReplies({
      open: () => this.#open(),
      readToEnd: () => call.finish(undefined),
      left: () => void call.wholeFailure(stoppedReading()),
      failed: (error) => call.wholeFailure(error),
    });
    this.#sentEnd = "message" in body || body.requests !== undefined;
    this.#over = new Promise((resolve) => call.onEnd(resolve));
    // Whom the interceptors keep waiting, and who comes too late.
    call.onEnd(() => {
      this.#pushed.end();
      this.#release();
    });
    const request = "message" in body ? body.message : (body.requests ?? this.#pushed);
    this.#answer = call.launch(
      () => intercepted(request),
      (failure) => this.#replies.interrupt(failure, this.#isCancelled),
    );
    // Whoever reads sees the failure; nobody need read.
    this.#answer.then(
      (answer) => call.answered(answer),
      (error) => call.wholeFailure(error),
    );
  }

  get headers(): Promise<Metadata> {
    return this.#ofConversation((conversation) => conversation.headers);
  }

  get trailers(): Promise<Metadata> {
    return this.#ofConversation((conversation) => conversation.trailers);
  }

  get reply(): Promise<unknown> {
    return this.#one();
  }

  async send(message: unknown): Promise<void> {
    if (this.#sentEnd) throw sentAfterEnd();
    if (!this.#pushed.isEnded) {
      const isTaken = await new Promise<boolean>((resolve) => {
        this.#senders.push(resolve);
        this.#pushed.push(message, 0);
      });
      if (isTaken) return;
    }
    throw (await this.#over) ?? sentTooLate();
  }

  end(): void {
    this.#sentEnd = true;
    this.#pushed.end();
  }

  cancel(reason = "the program cancelled the call"): void {
    this.#isCancelled = true;
    this.#call.cancel(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this.#replies;
  }

  async #open(): Promise<AsyncIterator<unknown>> {
    const answer = (await this.#answer) as Partial<AsyncIterable<unknown> & Iterable<unknown>> | undefined;
    if (typeof answer?.[Symbol.asyncIterator] === "function") {
      return (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    }
    if (typeof answer?.[Symbol.iterator] === "function") return inTurn(answer as Iterable<unknown>);
    throw wrongAnswer(this.#call.method, answer);
  }

  async #one(): Promise<unknown> {
    try {
      const answer = await this.#answer;
      if (answer === undefined) throw wrongAnswer(this.#call.method, answer);
      return answer;
    } catch (error) {
      throw this.#call.wholeFailure(error).make();
    }
  }

  async #ofConversation(read: (conversation: Conversation) => Promise<Metadata>): Promise<Metadata> {
    const answer = (await this.#answer) as object | undefined;
    // Not looked at here: each look makes a promise, and one that nobody has may fail too.
    if (answer === undefined || !("headers" in Object(answer))) {
      throw new TypeError("an interceptor answered in the call's place: it has no metadata");
    }
    return read(answer as Conversation);
  }

  #release(): void {
    while (this.#senders.length > 0) this.#senders.shift()?.(false);
  }
}

/** A plain iterable, read as any other. */
async function* inTurn(messages: Iterable<unknown>): AsyncGenerator<unknown, undefined> {
  yield* messages;
  return undefined;
}

function stoppedReading(): CallError {
  return new CallError("CANCELLED", "the program stopped reading the replies", { phase: "streaming" });
}
