// RPC layer: whether a ready connection still answers. One that was silent for long gets no call before it has answered a
// PING. The silence is noticed by a timer, so that a call on a live connection looks at no clock.
import type { Timer, Timers } from "../host/clock.ts";
import { catchUpAt } from "../http/catch-up.ts";
import type { Link } from "./link.ts";

export interface WatchOptions {
  /** Milliseconds without a byte from the peer after which it is asked. */
  readonly silentAfterMs: number;
  /** Milliseconds that it has to answer. */
  readonly answerWithinMs: number;
}

export interface WatchEvents {
  /** Nothing came for long: no call goes there until it was asked. */
  onSilent(watch: LinkWatch): void;
  /** It was asked and is there. */
  onHeard(watch: LinkWatch): void;
  /** It did not answer. */
  onDead(watch: LinkWatch): void;
}

export class LinkWatch {
  readonly link: Link;
  readonly readyAt: number;
  readonly #host: { readonly clock: { now(): number }; readonly timers: Timers };
  readonly #options: WatchOptions;
  readonly #events: WatchEvents;
  #state: "heard" | "silent" | "asked" = "heard";
  #askedAt = 0;
  /** When the answer to our last PING came. */
  #answeredAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined = undefined;
  #dueAt = 0;

  constructor(
    link: Link,
    setup: {
      readonly host: { readonly clock: { now(): number }; readonly timers: Timers };
      readonly options: WatchOptions;
      readonly events: WatchEvents;
    },
  ) {
    this.link = link;
    this.#host = setup.host;
    this.#options = setup.options;
    this.#events = setup.events;
    this.readyAt = setup.host.clock.now();
    this.#lookAt(this.#silentAt);
  }

  get isSilent(): boolean {
    return this.#state !== "heard";
  }

  /** It was asked and has not answered yet. */
  get isAsked(): boolean {
    return this.#state === "asked";
  }

  /**
   * A call would go on the silent connection. `asked`: wait for what becomes of it. `used-up`: it was asked before and
   * nothing came since but the answer, so that it may not be asked again: servers count such PINGs as an attack.
   */
  ask(): "heard" | "asked" | "used-up" {
    if (this.#silentAt > this.#host.clock.now()) {
      this.#heard();
      return "heard";
    }
    if (this.link.heardAt <= this.#answeredAt) return "used-up";
    this.#state = "asked";
    this.#askedAt = this.#host.clock.now();
    this.link.ping();
    this.#lookAt(this.#askedAt + this.#options.answerWithinMs);
    return "asked";
  }

  onPong(): void {
    // An answer to keep-alive: the server permits that, and it counts as a sign of life like any other.
    if (this.#state !== "asked") return;
    this.#answeredAt = this.link.heardAt;
    this.#heard();
    this.#events.onHeard(this);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#host.timers.clear(this.#timer);
    this.#timer = undefined;
  }

  get #silentAt(): number {
    return this.link.heardAt + this.#options.silentAfterMs;
  }

  #heard(): void {
    this.#state = "heard";
    this.#lookAt(this.#silentAt);
  }

  #lookAt(at: number): void {
    this.stop();
    this.#dueAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#host.timers.set(() => this.#look(), Math.max(0, at - this.#host.clock.now()), {
      background: this.#state !== "asked",
    });
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#state === "asked") {
      // Any byte is an answer: the acknowledgement may stand behind much that comes in slowly.
      if (this.link.heardAt <= this.#askedAt) return this.#giveUp();
      this.#heard();
      return this.#events.onHeard(this);
    }
    if (this.#silentAt > this.#host.clock.now()) return this.#lookAt(this.#silentAt);
    this.#state = "silent";
    this.#events.onSilent(this);
  }

  /** It did not answer, or we could not hear it. */
  #giveUp(): void {
    const later = catchUpAt(this.#host.clock.now(), this.#dueAt);
    if (later !== undefined) this.#lookAt(later);
    else this.#events.onDead(this);
  }
}
