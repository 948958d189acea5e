// HPACK: how much of a peer's header list is taken in. Checked while decoding, before a list is built from it.

/** Limits of one header list. */
export interface HpackLimits {
  /** Octets of one field's name and value together. Default 8 KiB. */
  readonly maxFieldBytes: number;
  /**
   * Octets of all fields, name + value + 32 each, which is what SETTINGS_MAX_HEADER_LIST_SIZE counts. Default 16 KiB.
   * A list above four times this ends the connection.
   */
  readonly maxListBytes: number;
  /** Fields, each crumb of a cookie counted. Default 128. */
  readonly maxFields: number;
}

/** The limits of a decoder that was given none. */
export const defaultHpackLimits: HpackLimits = { maxFieldBytes: 8 * 1024, maxListBytes: 16 * 1024, maxFields: 128 };

/** Which limit a header list went over: one field's size, the list's size, or the number of fields. */
export type HpackLimit = "field" | "list" | "fields";

/** A list of more than this many times `maxListBytes` is an attack, not a mistake. */
export const listBytesFactor = 4;
