// RPC layer: a streamed reply: what a handler yields is sent at the client's pace. It knows no protocol.
import { eachMessage } from "./each-message.ts";

export class ReplyPump {
  readonly #send: (message: unknown) => "sent" | "held";
  #isStopped = false;
  #wake: (() => void) | undefined = undefined;

  /** `send` says when it holds a message back; `goOn` then says that it has left. */
  constructor(send: (message: unknown) => "sent" | "held") {
    this.#send = send;
  }

  /** Resolves when the answer is at its end, or was left after `stop`. Rejects with what it throws, or `send`. */
  async run(answer: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    await eachMessage(answer, (message) => {
      if (!this.#isStopped && this.#send(message) === "held") return this.#untilWritable().then(() => !this.#isStopped);
      return !this.#isStopped;
    });
  }

  /** What was held has left. */
  goOn(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Nothing more can be sent: the answer is left at its next message. */
  stop(): void {
    this.#isStopped = true;
    this.goOn();
  }

  #untilWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
