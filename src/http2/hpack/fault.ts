// HPACK: what can be wrong with a peer's header block, all in one table. Each fault ends the connection, because the
// two tables are no longer known to agree (RFC 9113, section 4.3).

/** What was wrong with a header block, to switch on. */
export type HpackFaultCode =
  | "truncated"
  | "bad-integer"
  | "bad-index"
  | "bad-huffman"
  | "late-size-update"
  | "too-many-size-updates"
  | "bad-size-update"
  | "missing-size-update"
  | "list-too-large";

/** A header block that cannot be decoded. */
export interface HpackFault {
  readonly code: HpackFaultCode;
  /** Says what was wrong, with the offending number. */
  readonly message: string;
  /** The offending number: an index, a size, a length, or an octet's place in the block. */
  readonly value: number;
  /** The HTTP/2 error to close the connection with. */
  readonly errorCode: "COMPRESSION_ERROR" | "ENHANCE_YOUR_CALM";
}

const messages: Readonly<Record<HpackFaultCode, string>> = {
  truncated: "the header block ends inside a field, at octet",
  "bad-integer": "an integer has more than 5 octets or is above 2^28, at octet",
  "bad-index": "no table entry has index",
  "bad-huffman": "a Huffman string has an EOS symbol or wrong padding, at octet",
  "late-size-update": "a table size update stands behind a field, at octet",
  "too-many-size-updates": "a header block begins with more than 2 table size updates, at octet",
  "bad-size-update": "a table size update is above the size we allow:",
  "missing-size-update": "the header block must begin with a table size update to at most",
  "list-too-large": "the header list is above 4 times our limit, in octets:",
};

/** The fault of that code; `value` is the offending number. */
export function createHpackFault(code: HpackFaultCode, value: number): HpackFault {
  const errorCode = code === "list-too-large" ? "ENHANCE_YOUR_CALM" : "COMPRESSION_ERROR";
  return { code, message: `${messages[code]} ${value}`, value, errorCode };
}
