// HTTP/2 layer: what ends a connection whose peer goes over a limit: how often it may do what costs it a frame and us work,
// and how many answers it may leave untaken. Whatever ends here names its limit, to the peer and to our owner.
import type { ConnectionOwner } from "../http/connection.ts";
import type { ResetCode } from "../http/exchange.ts";
import { Bucket } from "./bucket.ts";
import type { Http2Limits } from "./limits.ts";

export type LimitName = keyof Http2Limits;

/** What may be done so often. Each has two limits: `resetsBurst` and `resetsPerSecond`. */
export type AllowanceName = "settings" | "resets" | "faults" | "refusals" | "idleFrames";

/** The connection that is guarded. */
export interface GuardedConnection {
  readonly limits: Http2Limits;
  readonly owner: ConnectionOwner;
  readonly now: number;
  readonly closed: boolean;
  fail(code: ResetCode, reason: string): void;
}

export class LimitGuard {
  /** Answers (acknowledgements, resets) since the socket last took everything. */
  owedAnswers = 0;
  readonly #connection: GuardedConnection;
  readonly #buckets: Readonly<Record<AllowanceName, Bucket>>;

  constructor(connection: GuardedConnection) {
    const { limits } = connection;
    this.#connection = connection;
    this.#buckets = {
      settings: new Bucket(limits.settingsBurst, limits.settingsPerSecond),
      resets: new Bucket(limits.resetsBurst, limits.resetsPerSecond),
      faults: new Bucket(limits.faultsBurst, limits.faultsPerSecond),
      refusals: new Bucket(limits.refusalsBurst, limits.refusalsPerSecond),
      idleFrames: new Bucket(limits.idleFramesBurst, limits.idleFramesPerSecond),
    };
  }

  /** Takes one of what the peer may do so often; false when it did it too often, and the connection has ended. */
  spend(name: AllowanceName, what: string, more = ""): boolean {
    if (this.#buckets[name].take(this.#connection.now)) return true;
    this.exceed(`${name}Burst`, what, { more });
    return false;
  }

  /** Counts an answer that the peer makes us give; false when too many were not taken, and the connection has ended. */
  owe(): boolean {
    if (++this.owedAnswers <= this.#connection.limits.maxOwedAnswersHard) return true;
    this.exceed("maxOwedAnswersHard", "more answers asked for than taken");
    return false;
  }

  /** Tells the owner that a limit was met; the sentence that names it. */
  tell(limit: LimitName, what: string): string {
    const reason = `${what} (${limit} ${this.#connection.limits[limit]})`;
    this.#connection.owner.onLimit(limit, reason);
    return reason;
  }

  /** A connection error for what went over a limit, which the GOAWAY names. */
  exceed(
    limit: LimitName,
    what: string,
    { code = "ENHANCE_YOUR_CALM", more = "" }: { readonly code?: ResetCode; readonly more?: string } = {},
  ): void {
    if (!this.#connection.closed) this.#connection.fail(code, this.tell(limit, what) + more);
  }
}
