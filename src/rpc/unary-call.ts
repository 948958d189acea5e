// RPC layer: a unary call of a client: one message out, one message back, in one promise.
import { defaultDecodeLimits } from "../marshal/message-type.ts";
import { ClientCall, type ReplyFault } from "./client-call.ts";
import { type Failure, messageOf } from "./failure.ts";
import type { RequestStream } from "./protocol.ts";
import { wrongCountCode } from "./status.ts";

export class UnaryCall extends ClientCall {
  #resolve: ((answer: unknown) => void) | undefined = undefined;
  /** The request in bytes, once it had to be kept. */
  #encoded: Uint8Array | undefined = undefined;
  #reply: unknown = undefined;
  #replyCount = 0;
  #decodeFault: unknown = undefined;

  /** Starts the call. Resolves with the reply or a `Failure`; it never rejects. */
  start(): Promise<unknown> {
    const promise = new Promise<unknown>((resolve) => {
      this.#resolve = resolve;
    });
    this.launch();
    return promise;
  }

  override get sentCount(): number {
    return Math.min(this.attempts, 1);
  }

  override get receivedCount(): number {
    return this.#replyCount;
  }

  override onMessage(bytes: Uint8Array, start: number, end: number): boolean {
    this.#replyCount++;
    if (this.#replyCount > 1) return true;
    try {
      this.#reply = this.options.prepared.method.output.codec.decode(bytes, start, end, defaultDecodeLimits);
    } catch (error) {
      this.#decodeFault = error;
    }
    return true;
  }

  protected override hasWaited(): boolean {
    return this.#encoded !== undefined;
  }

  protected override keepsSent(): boolean {
    return this.#encoded === undefined;
  }

  protected override keep(): void {
    // The message is the caller's again when the stub method returns.
    this.#encoded ??= this.stream?.takeSent() ?? this.options.prepared.method.input.encode(this.options.request);
  }

  protected override sendFirst(stream: RequestStream): void {
    const { prepared, request } = this.options;
    stream.wantMore();
    const result =
      this.#encoded === undefined
        ? stream.send(prepared.method.input.codec, request, true)
        : stream.sendBytes(this.#encoded, true);
    this.held = result === "held";
  }

  protected override canRepeat(): boolean {
    return true;
  }

  protected override replyFault(): ReplyFault | undefined {
    if (this.#decodeFault !== undefined) {
      const cause = this.#decodeFault;
      return { code: "INTERNAL", message: `the reply could not be decoded: ${messageOf(cause)}`, cause };
    }
    if (this.#replyCount === 1) return undefined;
    const text = this.#replyCount === 0 ? "no reply message" : `${this.#replyCount} reply messages`;
    return { code: wrongCountCode, message: `the server sent ${text} to a unary call` };
  }

  protected override finish(failure: Failure | undefined): void {
    this.#resolve?.(failure ?? this.#reply);
  }
}
