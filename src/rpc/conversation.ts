// RPC layer: a streaming call as a program holds it. One class serves all kinds; the stub's types show what fits each.
import { type Failure, failureOf } from "./failure.ts";
import { isThenable } from "./handler-runs.ts";
import type { Metadata } from "./metadata.ts";
import { checkRequests, letGo } from "./requests.ts";
import type { StreamCall } from "./stream-call.ts";

/** What a server-streaming call is: `for await (const message of feed)`. Leaving the loop early cancels the call. */
export interface ServerStream<Message> extends AsyncIterable<Message> {
  /** The server's headers; resolves when they came. */
  readonly headers: Promise<Metadata>;
  /** The server's trailers; resolves when the call has ended well. */
  readonly trailers: Promise<Metadata>;
  /** Ends the call: the server's handler hears of it. */
  cancel(reason?: string): void;
}

/** A call whose messages are pushed. */
export interface PushedCall<Init> {
  /** Sends a message; resolves when it has left or waits only for the network, so that `await` paces the sender. */
  send(message: Init): Promise<void>;
  /** Says that no message follows. */
  end(): void;
}

/** A client-streaming call whose messages are pushed. */
export interface ClientStream<Init, Message> extends PushedCall<Init> {
  /** The server's one answer. */
  readonly reply: Promise<Message>;
  readonly headers: Promise<Metadata>;
  readonly trailers: Promise<Metadata>;
  cancel(reason?: string): void;
}

/** A call with messages both ways. */
export interface BidiStream<Init, Message> extends ServerStream<Message>, PushedCall<Init> {}

export class Conversation implements BidiStream<unknown, unknown>, ClientStream<unknown, unknown> {
  readonly #call: StreamCall;
  #reply: Promise<unknown> | undefined = undefined;

  constructor(call: StreamCall) {
    this.#call = call;
  }

  get headers(): Promise<Metadata> {
    return this.#call.headers;
  }

  get trailers(): Promise<Metadata> {
    return this.#call.trailers;
  }

  get reply(): Promise<unknown> {
    this.#reply ??= this.#readOne();
    return this.#reply;
  }

  send(message: unknown): Promise<void> {
    return this.#call.send(message);
  }

  end(): void {
    this.#call.finishSending();
  }

  cancel(reason = "the program cancelled the call"): void {
    this.#call.cancel(reason);
  }

  /** Calls `task` when the call ends, or now when it has. */
  whenOver(task: (failure: Failure | undefined) => void): void {
    this.#call.whenOver(task);
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this.#call.replies;
  }

  /** The one message of a reply that is not a stream. */
  async #readOne(): Promise<unknown> {
    const first = await this.#call.replies.next();
    const second = first.done === true ? first : await this.#call.replies.next();
    await this.#call.whenEnded();
    if (first.done !== true && second.done === true) return first.value;
    const text = first.done === true ? "no reply message" : "more than one reply message";
    throw this.#call.wrongReply(`the server sent ${text} to a call that expects one`);
  }
}

/**
 * Sends what an iterable yields, at the pace of the call; lets the iterable go when the call ends first. It waits only where
 * there is something to wait for: a promise a message costs more than most messages.
 */
export async function pumpRequests(call: StreamCall, source: unknown): Promise<void> {
  try {
    const iterator = checkRequests(source)();
    let isAtEnd = false;
    call.whenOver(() => {
      if (!isAtEnd) void letGo(iterator);
    });
    for (;;) {
      const step = iterator.next();
      // A generator that ends the call itself could not be left before it has yielded.
      if (call.hasEnded) void letGo(iterator);
      const result = isThenable(step) ? await step : step;
      if (call.hasEnded) return;
      isAtEnd = result.done === true;
      if (isAtEnd) return call.finishSending();
      const left = call.push(result.value);
      if (left !== undefined) await left;
    }
  } catch (error) {
    // The source's own error, or what is no source or no message: the caller gets it as it is.
    if (!call.hasEnded) call.abort(failureOf(error));
  }
}
