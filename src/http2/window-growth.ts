// HTTP/2 layer: how large the windows of streams are that we read (RFC 9113 section 5.2). A stream begins with a small one
// and gets a larger one as its reader keeps pace, so that a far peer can keep the way full. All windows together stay
// within the connection's: else streams that nobody reads would hold up those beside them.
import type { Http2Limits } from "./limits.ts";
import type { Http2Stream } from "./stream.ts";

export class WindowGrowth {
  readonly #initialBytes: number;
  readonly #maxBytes: number;
  /** Bytes that all windows together may have grown by. */
  readonly #budgetBytes: number;
  #grownBytes = 0;

  constructor(limits: Http2Limits) {
    const { streamWindowBytes, maxStreamWindowBytes, maxConcurrentStreams, connectionWindowBytes } = limits;
    this.#initialBytes = streamWindowBytes;
    this.#maxBytes = maxStreamWindowBytes;
    // Half is for growth at least: a connection that permits very many streams will hardly have them all unread.
    const reserved = Math.min(maxConcurrentStreams * streamWindowBytes, connectionWindowBytes / 2);
    this.#budgetBytes = connectionWindowBytes - reserved;
  }

  /** Widens a stream that gets half its window back; the bytes of credit to add. 0 when its reader lags. */
  grow(stream: Http2Stream): number {
    const { windowBytes, unconsumed } = stream;
    if (unconsumed * 4 > windowBytes) return 0;
    const more = Math.min(windowBytes, this.#maxBytes - windowBytes, this.#budgetBytes - this.#grownBytes);
    if (more <= 0) return 0;
    stream.windowBytes += more;
    this.#grownBytes += more;
    return more;
  }

  /** The stream is over: others may grow by what it had. */
  release(stream: Http2Stream): void {
    this.#grownBytes -= stream.windowBytes - this.#initialBytes;
    stream.windowBytes = this.#initialBytes;
  }
}
