// HTTP/2 layer: a server that answers in another protocol, told apart from one that makes a mistake in ours. A server's
// first bytes are a SETTINGS frame of less than 64 KiB (RFC 9113 section 3.4); text never looks like one.

/** Bytes of a foreign text that are waited for, as many as a frame's header has. */
const minTextBytes = 9;
/** Bytes that are quoted: the first line, as far as it came. */
const maxQuotedBytes = 60;

/** Looks at the first bytes of a server, in whatever pieces they come. */
export class ForeignDetector {
  readonly #seen: number[] = [];
  #decided = false;

  /** `ours`; one sentence about what is spoken instead; or `more` when neither is sure yet and the bytes are no frame. */
  look(bytes: Uint8Array, start: number, end: number): "ours" | "more" | { readonly reason: string } {
    if (this.#decided) return "ours";
    const seen = this.#seen;
    for (let at = start; at < end && seen.length < maxQuotedBytes; at++) seen.push(bytes[at] as number);
    if (this.#mayBeOurs()) {
      this.#decided = seen.length > 3;
      return "ours";
    }
    const first = seen[0] as number;
    const isText = first >= 0x20 && first < 0x7f;
    return isText && seen.length < minTextBytes ? "more" : { reason: this.#describe() };
  }

  #mayBeOurs(): boolean {
    const [length = 0, , , type = 4] = this.#seen;
    return length === 0 && type === 4;
  }

  #describe(): string {
    const seen = this.#seen;
    const isTls = (seen[0] === 0x15 || seen[0] === 0x16) && (seen[1] ?? 3) === 3;
    if (isTls) return "the peer answers in TLS; is the address to be tls://?";
    let text = "";
    for (const char of seen) {
      if (char === 0x0d || char === 0x0a) break;
      text += char >= 0x20 && char < 0x7f ? String.fromCharCode(char) : ".";
    }
    const protocol = text.startsWith("HTTP/1") ? "HTTP/1.1" : "another protocol than HTTP/2";
    return `the peer answers in ${protocol}: ${JSON.stringify(text)}`;
  }
}
