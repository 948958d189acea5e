// HTTP/2 layer: a client's first bytes: the preface (RFC 9113 section 3.4), or what came in its place. A request of HTTP/1
// is told apart from the rest, since its sender understands an answer in its own words.
import { clientPreface } from "./frames.ts";

/** `http1`: a request line begins where the preface should be. `foreign`: neither does. `more`: not sure yet. */
export type PrefaceVerdict = "more" | "preface" | "http1" | "foreign";

const preface = String.fromCharCode(...clientPreface);
/** A method and the first character of its target: a path, `*`, a URL, or CONNECT's authority (RFC 9112 section 3). */
const requestLine = /^(?:[A-Z]{1,16} [/*h]|CONNECT .)/;
const beginningOfOne = /^[A-Z]{1,16} ?$/;

/** Reads a client's first bytes, in whatever pieces they come. */
export class PrefaceReader {
  verdict: PrefaceVerdict = "more";
  #seen = "";

  /** Reads until the verdict is sure; returns the position behind what it read. */
  receive(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.verdict === "more") {
      this.#seen += String.fromCharCode(bytes[at++] as number);
      this.verdict = judge(this.#seen);
    }
    return at;
  }
}

function judge(seen: string): PrefaceVerdict {
  if (preface.startsWith(seen)) return seen.length === preface.length ? "preface" : "more";
  if (requestLine.test(seen)) return "http1";
  return beginningOfOne.test(seen) ? "more" : "foreign";
}
