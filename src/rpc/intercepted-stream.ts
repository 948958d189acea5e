// RPC layer: a streaming call whose messages pass interceptors: what they answer is what the program reads, and what the
// program pushes they get as an iterable.
import { CallError } from "./call-error.ts";
import type { BidiStream, ClientStream, Conversation } from "./conversation.ts";
import { Failure } from "./failure.ts";
import { MessageQueue } from "./message-queue.ts";
import type { Metadata } from "./metadata.ts";

/** What the stream needs of its call. */
interface WholeCall {
  launch(task: () => unknown): Promise<unknown>;
  answered(answer: unknown): void;
  wholeFailure(error: unknown): Failure;
  finish(failure: Failure | undefined): void;
  cancel(reason: string): void;
}

export class InterceptedStream implements BidiStream<unknown, unknown>, ClientStream<unknown, unknown> {
  readonly #call: WholeCall;
  readonly #answer: Promise<unknown>;
  /** What was pushed and not yet sent; each push waits until it is taken. */
  readonly #pushed: MessageQueue<unknown>;
  #taken: (() => void)[] = [];
  readonly #iterator: AsyncGenerator<unknown, undefined>;
  #isCancelled = false;

  constructor(
    call: WholeCall,
    intercepted: (request: unknown) => unknown,
    body: { readonly message?: unknown; readonly requests?: unknown },
  ) {
    this.#call = call;
    this.#pushed = new MessageQueue({
      taken: () => this.#taken.shift()?.(),
      wantMore: () => {},
      abandoned: () => {
        for (const tell of this.#taken.splice(0)) tell();
      },
    });
    const request = "message" in body ? body.message : (body.requests ?? this.#pushed);
    this.#answer = call.launch(() => intercepted(request));
    // Whoever reads sees the failure; nobody need read.
    this.#answer.then(
      (answer) => call.answered(answer),
      (error) => call.wholeFailure(error),
    );
    this.#iterator = this.#read();
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
    await new Promise<void>((resolve) => {
      this.#taken.push(resolve);
      this.#pushed.push(message, 0);
    });
  }

  end(): void {
    this.#pushed.end();
  }

  cancel(reason = "the program cancelled the call"): void {
    this.#isCancelled = true;
    this.#call.cancel(reason);
    void this.#iterator.return(undefined).catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this.#iterator;
  }

  async *#read(): AsyncGenerator<unknown, undefined> {
    let isWhole = false;
    try {
      const answer = await this.#answer;
      if (!this.#isCancelled) yield* answer as AsyncIterable<unknown>;
      isWhole = true;
    } catch (error) {
      throw this.#call.wholeFailure(error).make();
    } finally {
      this.#call.finish(isWhole ? undefined : new Failure(stoppedReading));
    }
    return undefined;
  }

  async #one(): Promise<unknown> {
    try {
      return await this.#answer;
    } catch (error) {
      throw this.#call.wholeFailure(error).make();
    }
  }

  async #ofConversation(read: (conversation: Conversation) => Promise<Metadata>): Promise<Metadata> {
    const answer = (await this.#answer) as Partial<Conversation> | undefined;
    if (answer?.headers === undefined)
      throw new TypeError("an interceptor answered in the call's place: it has no metadata");
    return read(answer as Conversation);
  }
}

function stoppedReading(): CallError {
  return new CallError("CANCELLED", "the program stopped reading the replies", { phase: "streaming" });
}
