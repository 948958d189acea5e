// RPC layer: a streaming call of a client: messages out one by one, messages back one by one, each held back by whoever is
// slower. What a program gets as `feed` or `chat`.

import type { Fields } from "../http/fields.ts";
import { defaultDecodeLimits } from "../marshal/message-type.ts";
import { CallError } from "./call-error.ts";
import { type CallChannel, ClientCall, type ClientCallOptions, type ReplyFault } from "./client-call.ts";
import { type Failure, failureOf, messageOf } from "./failure.ts";
import { MessageQueue } from "./message-queue.ts";
import type { Metadata } from "./metadata.ts";
import type { Ending, RequestStream } from "./protocol.ts";
import { sentAfterEnd, sentTooLate } from "./requests.ts";
import { wrongCountCode } from "./status.ts";

/** Bytes of a request's messages that are kept to be sent again, should the peer refuse the stream; then the call is committed. */
const maxKeptBytes = 64 * 1024;

/** A promise that may be asked for before or after it is settled, and that nobody need ask for. */
class Settled<Value> {
  #outcome: { readonly value: Value } | Failure | undefined = undefined;
  #waiting: (() => void)[] = [];

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  settle(outcome: { readonly value: Value } | Failure): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  async get(): Promise<Value> {
    if (this.#outcome === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const outcome = this.#outcome as { readonly value: Value } | Failure;
    if ("make" in outcome) throw outcome.make();
    return outcome.value;
  }
}

export class StreamCall extends ClientCall {
  /** What came and was not yet taken. */
  readonly replies: MessageQueue<unknown>;
  readonly #headers = new Settled<Metadata>();
  readonly #trailers = new Settled<Metadata>();
  readonly #end = new Settled<undefined>();
  /** Messages sent so far, to be sent again; undefined once the call is committed. */
  #kept: Uint8Array[] | undefined = [];
  #keptBytes = 0;
  #sentCount = 0;
  #receivedCount = 0;
  #waited = false;
  #finished = false;
  #decodeFault: unknown = undefined;
  #tasks: ((failure: Failure | undefined) => void)[] = [];
  /** Who waits until what was sent has left. */
  #senders: (() => void)[] = [];

  constructor(channel: CallChannel, options: ClientCallOptions) {
    super(channel, options);
    this.replies = new MessageQueue({
      taken: (bytes) => this.stream?.credit(bytes),
      wantMore: () => this.stream?.wantMore(),
      abandoned: () => this.cancelWith("the program stopped reading the replies", undefined),
    });
  }

  override get sentCount(): number {
    return this.#sentCount;
  }

  override get receivedCount(): number {
    return this.#receivedCount;
  }

  /** The server's headers, once they came. */
  get headers(): Promise<Metadata> {
    return this.#headers.get();
  }

  /** The server's trailers, once the call has ended well. */
  get trailers(): Promise<Metadata> {
    return this.#trailers.get();
  }

  /** Starts the call. With an `only` message nothing else is sent. */
  start(only?: { readonly message: unknown }): void {
    if (only !== undefined) {
      try {
        this.#keepMessage(this.options.prepared.method.input.encode(only.message));
        this.#sentCount++;
        this.#finished = true;
      } catch (error) {
        this.countStart();
        return this.end(failureOf(error));
      }
    }
    this.launch();
  }

  /** Sends a message. Resolves when it has left, or waits only for the network. Rejects as the call does. */
  send(message: unknown): Promise<void> {
    return this.push(message) ?? Promise.resolve();
  }

  /** The same; undefined where `send` would resolve at once. */
  push(message: unknown): Promise<void> | undefined {
    if (this.#finished) return Promise.reject(sentAfterEnd());
    if (this.ended) return this.#sendAfterEnd();
    const { input } = this.options.prepared.method;
    try {
      if (this.#kept !== undefined) {
        const bytes = input.encode(message);
        this.#keepMessage(bytes);
        if (this.stream !== undefined) this.held = this.stream.sendBytes(bytes, false) === "held";
      } else if (this.stream !== undefined) this.held = this.stream.send(input.codec, message, false) === "held";
    } catch (error) {
      // A wrong message is the sender's alone: nothing of it was sent, and the call goes on.
      return Promise.reject(error);
    }
    this.#sentCount++;
    return this.held || this.stream === undefined ? this.#untilLeft() : undefined;
  }

  /** Says that no message follows. */
  finishSending(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (!this.ended) this.stream?.finish();
  }

  /** Resolves when the call has ended well; rejects as it failed. */
  whenEnded(): Promise<undefined> {
    return this.#end.get();
  }

  /** Calls `task` when the call ends, or now when it has. */
  whenOver(task: (failure: Failure | undefined) => void): void {
    if (this.ended) task(this.failure);
    else this.#tasks.push(task);
  }

  /** Ends the call with a failure of the program's own. */
  abort(failure: Failure): void {
    if (this.ended) return;
    this.stream?.cancel();
    this.end(failure);
  }

  /** The error for a reply with the wrong number of messages: the call itself ended well. */
  wrongReply(message: string): Error {
    return new CallError(wrongCountCode, message, {
      execution: "executed",
      phase: "streaming",
      attempts: this.attempts,
    });
  }

  override onHead(fields: Fields): void {
    super.onHead(fields);
    if (this.ended) return;
    this.#headers.settle({ value: this.channel.protocol.readMetadata(fields) });
    this.#kept = undefined;
  }

  override onMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean {
    if (this.#decodeFault !== undefined) return true;
    this.#receivedCount++;
    try {
      const { codec } = this.options.prepared.method.output;
      this.replies.push(codec.decode(bytes, start, end, defaultDecodeLimits), cost);
      return false;
    } catch (error) {
      this.#decodeFault = error;
      return true;
    }
  }

  override onWritable(): void {
    super.onWritable();
    this.#release();
  }

  override onEnd(ending: Ending): void {
    if (ending.fields !== undefined && ending.code === "OK" && this.#decodeFault === undefined) {
      this.#trailers.settle({ value: this.channel.protocol.readMetadata(ending.fields) });
    }
    super.onEnd(ending);
  }

  protected override hasWaited(): boolean {
    return this.#waited;
  }

  protected override keepsSent(): boolean {
    return false;
  }

  protected override keep(): void {
    this.#waited = true;
  }

  protected override sendFirst(stream: RequestStream): void {
    // Whoever reads may have come before the stream.
    if (this.replies.isAwaited) stream.wantMore();
    const kept = this.#kept ?? [];
    for (const [index, bytes] of kept.entries()) {
      const last = this.#finished && index === kept.length - 1;
      if (stream.sendBytes(bytes, last) === "held") this.held = true;
    }
    if (this.#finished && kept.length === 0) stream.finish();
    if (!this.held) this.#release();
  }

  protected override canRepeat(): boolean {
    return this.#kept !== undefined;
  }

  protected override replyFault(): ReplyFault | undefined {
    const cause = this.#decodeFault;
    return cause === undefined
      ? undefined
      : { code: "INTERNAL", message: `a reply could not be decoded: ${messageOf(cause)}`, cause };
  }

  protected override finish(failure: Failure | undefined): void {
    if (failure === undefined) this.replies.end();
    else this.replies.fail(failure);
    const none = failure ?? failureOf(new Error("the call ended without headers or trailers"));
    this.#headers.settle(none);
    this.#trailers.settle(none);
    this.#end.settle(failure ?? { value: undefined });
    this.#kept = undefined;
    this.#release();
    for (const task of this.#tasks.splice(0)) task(failure);
  }

  #keepMessage(bytes: Uint8Array): void {
    if (this.#kept === undefined) return;
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    // Before there is a stream everything must be kept; `send` then holds the sender back.
    if (this.#keptBytes > maxKeptBytes && this.stream !== undefined) this.#kept = undefined;
  }

  async #untilLeft(): Promise<void> {
    await new Promise<void>((resolve) => this.#senders.push(resolve));
    if (this.ended) return this.#sendAfterEnd();
  }

  async #sendAfterEnd(): Promise<void> {
    await this.#end.get();
    throw sentTooLate();
  }

  #release(): void {
    for (const tell of this.#senders.splice(0)) tell();
  }
}
