// RPC layer: how many calls a connection or a server has had, as plain numbers that only grow. They decide nothing.

/** Calls and messages so far. */
export interface CallTotals {
  /** Calls of methods that the server has. What was refused before it was a call is not among them. */
  readonly started: number;
  /** Ended with OK. */
  readonly succeeded: number;
  /** Ended in any other way, cancelled ones among them. */
  readonly failed: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** When the newest call came, in milliseconds since 1970-01-01 UTC; undefined before the first. */
  readonly lastStartedAt: number | undefined;
}

/** The counters behind `CallTotals`. */
export class CallCounts {
  started = 0;
  succeeded = 0;
  failed = 0;
  messagesSent = 0;
  messagesReceived = 0;
  /** In milliseconds of the monotonic clock. */
  lastStartedAt = Number.NEGATIVE_INFINITY;

  add(other: CallCounts): void {
    this.started += other.started;
    this.succeeded += other.succeeded;
    this.failed += other.failed;
    this.messagesSent += other.messagesSent;
    this.messagesReceived += other.messagesReceived;
    this.lastStartedAt = Math.max(this.lastStartedAt, other.lastStartedAt);
  }

  /** As they are now, for people and tools. */
  read(clock: { now(): number; wallNow(): number }): CallTotals {
    const { started, succeeded, failed, messagesSent, messagesReceived } = this;
    const lastStartedAt = started === 0 ? undefined : Math.round(clock.wallNow() - (clock.now() - this.lastStartedAt));
    return { started, succeeded, failed, messagesSent, messagesReceived, lastStartedAt };
  }
}
