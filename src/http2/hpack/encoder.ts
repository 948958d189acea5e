// HPACK: fields into header blocks (RFC 7541, section 6), straight into the connection's output. One encoder a
// connection. It never decides what is worth indexing (policy.ts suggests), and never checks what names and values mean.
import type { Writer } from "../../bytes/writer.ts";
import { DynamicTable, entryOverhead } from "./dynamic-table.ts";
import { huffmanSize, writeHuffman } from "./huffman.ts";
import type { HpackIndexing } from "./policy.ts";
import { staticByName, staticCount } from "./static-table.ts";

/** The largest table an encoder keeps, whatever the peer allows: its memory is ours, not the peer's. */
export const maxEncoderTableBytes = 4096;

/** What the peer assumes before any size update (RFC 9113, section 6.5.2). */
const initialTableBytes = 4096;

/** An integer's octets at most: a prefix and 32 bits in sevens. */
const maxIntegerBytes = 6;

export interface HpackEncoderOptions {
  /** Octets of the dynamic table. Default and most 4096. */
  readonly maxTableBytes?: number;
}

/** The entries of the dynamic table that have one name, by their insertion numbers. */
interface IndexedName {
  newest: number;
  readonly byValue: Map<string, number>;
}

/** The encoding half of one connection's header compression. */
export class HpackEncoder {
  readonly #table: DynamicTable;
  readonly #names = new Map<string, IndexedName>();
  readonly #ownMaxBytes: number;
  /** The table size that the peer knows of. */
  #announcedBytes = initialTableBytes;
  /** The smallest table size since the last block. */
  #smallestBytes: number;

  constructor(options: HpackEncoderOptions = {}) {
    this.#ownMaxBytes = Math.min(options.maxTableBytes ?? maxEncoderTableBytes, maxEncoderTableBytes);
    this.#smallestBytes = this.#ownMaxBytes;
    this.#table = new DynamicTable(this.#ownMaxBytes, (name, value, insertion) => this.#forget(name, value, insertion));
  }

  /**
   * Changes with every change of the table, and when a size update is announced or written. A block may be kept for
   * reuse when `generation` is the same after it as before its `beginBlock`, and is good for as long as it stays.
   */
  get generation(): number {
    return this.#table.generation;
  }

  /** Octets now in the dynamic table. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. What no longer fits is evicted now; the next block says so to the peer. */
  setPeerMaxTableBytes(maxBytes: number): void {
    const tableBytes = Math.min(maxBytes, this.#ownMaxBytes);
    if (tableBytes === this.#table.maxBytes) return;
    this.#table.resize(tableBytes);
    this.#smallestBytes = Math.min(this.#smallestBytes, tableBytes);
  }

  /** Begins a block: writes the size updates that the peer must see first (RFC 7541, section 4.2), if any. */
  beginBlock(writer: Writer): void {
    const { maxBytes } = this.#table;
    const shrank = this.#smallestBytes < Math.min(maxBytes, this.#announcedBytes);
    if (!shrank && maxBytes === this.#announcedBytes) return;
    writer.ensure(2 * maxIntegerBytes);
    if (shrank) {
      writer.position = writeInteger(writer.bytes, writer.position, 0x20, 0x1f, this.#smallestBytes);
    }
    writer.position = writeInteger(writer.bytes, writer.position, 0x20, 0x1f, maxBytes);
    this.#announcedBytes = this.#smallestBytes = maxBytes;
    this.#table.generation++;
  }

  /**
   * Writes one field. `indexing`: `"index"` makes it an entry of the table unless it would fill more than half of it,
   * `"literal"` only uses entries that are there, `"never"` also forbids every hop to index it (for secrets).
   * @throws RangeError when a char is above 0xff; nothing is then written.
   */
  encodeField(writer: Writer, name: string, value: string, indexing: HpackIndexing): void {
    const fixed = staticByName.get(name);
    const grown = this.#names.get(name);
    if (indexing !== "never") {
      const index = fixed?.byValue.get(value) ?? this.#indexOf(grown?.byValue.get(value));
      if (index !== 0) {
        writer.ensure(maxIntegerBytes);
        writer.position = writeInteger(writer.bytes, writer.position, 0x80, 0x7f, index);
        return;
      }
    }
    const nameIndex = fixed?.index ?? this.#indexOf(grown?.newest);
    const nameHuffmanBytes = nameIndex === 0 ? huffmanSize(name) : 0;
    const valueHuffmanBytes = huffmanSize(value);
    const entryBytes = name.length + value.length + entryOverhead;
    const inserts = indexing === "index" && entryBytes * 2 <= this.#table.maxBytes;

    writer.ensure(3 * maxIntegerBytes + name.length + value.length);
    const { bytes } = writer;
    let to = writer.position;
    if (inserts) to = writeInteger(bytes, to, 0x40, 0x3f, nameIndex);
    else to = writeInteger(bytes, to, indexing === "never" ? 0x10 : 0, 0x0f, nameIndex);
    if (nameIndex === 0) to = writeText(bytes, to, name, nameHuffmanBytes);
    writer.position = writeText(bytes, to, value, valueHuffmanBytes);
    if (inserts) this.#insert(name, value);
  }

  #indexOf(insertion: number | undefined): number {
    return insertion === undefined ? 0 : staticCount + 1 + this.#table.insertions - insertion;
  }

  #insert(name: string, value: string): void {
    this.#table.insert(name, value);
    const insertion = this.#table.insertions;
    // Looked up again: the insertion may have evicted the last entry of this name, and its record with it.
    const known = this.#names.get(name);
    if (known === undefined) {
      this.#names.set(name, { newest: insertion, byValue: new Map([[value, insertion]]) });
    } else {
      known.newest = insertion;
      known.byValue.set(value, insertion);
    }
  }

  #forget(name: string, value: string, insertion: number): void {
    const known = this.#names.get(name);
    if (known?.byValue.get(value) === insertion) known.byValue.delete(value);
    if (known?.newest === insertion) this.#names.delete(name);
  }
}

function writeText(bytes: Uint8Array, position: number, text: string, huffmanBytes: number): number {
  if (huffmanBytes < text.length) {
    return writeHuffman(text, bytes, writeInteger(bytes, position, 0x80, 0x7f, huffmanBytes));
  }
  let to = writeInteger(bytes, position, 0, 0x7f, text.length);
  for (let at = 0; at < text.length; at++) bytes[to++] = text.charCodeAt(at);
  return to;
}

/** Writes `value` behind the bits `pattern` of its first octet, of which it may use those in `mask`. */
function writeInteger(bytes: Uint8Array, position: number, pattern: number, mask: number, value: number): number {
  let to = position;
  if (value < mask) {
    bytes[to++] = pattern | value;
    return to;
  }
  bytes[to++] = pattern | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) bytes[to++] = (rest & 0x7f) | 0x80;
  bytes[to++] = rest;
  return to;
}
