// HPACK: header blocks into fields (RFC 7541, sections 3 and 6). One decoder a connection, as every block may change
// the table that the next ones refer to. It never throws on peer bytes, and never looks at what names and values mean.
import { DynamicTable, entryOverhead } from "./dynamic-table.ts";
import { createHpackFault, type HpackFault, type HpackFaultCode } from "./fault.ts";
import { readHuffman } from "./huffman.ts";
import { readLatin1 } from "./latin1.ts";
import { defaultHpackLimits, type HpackLimit, type HpackLimits, listBytesFactor } from "./limits.ts";
import { staticCount, staticNames, staticValues } from "./static-table.ts";

/** Takes the fields of a block, in their order, repeats included. It must not call the decoder. */
export interface FieldSink {
  /** A field; one char an octet. `sensitive`: the peer wants it never to enter a table (RFC 7541, section 7.1.3). */
  onField(name: string, value: string, sensitive: boolean): void;
}

export interface HpackDecoderOptions {
  /** Octets of the dynamic table at the start: 4096 on an HTTP/2 connection, until a setting of ours is acknowledged. */
  readonly maxTableBytes?: number;
  /** Default `defaultHpackLimits`. */
  readonly limits?: Partial<HpackLimits>;
}

const emptyBytes = new Uint8Array(0);
const maxSizeUpdates = 2;
/** An integer's first octet and four more. */
const maxIntegerBytes = 5;
const maxInteger = 2 ** 28;

/** The decoding half of one connection's header compression. */
export class HpackDecoder {
  /** The limit that the last block went over, if any: its fields are then incomplete, but the table is in step. */
  exceeded: HpackLimit | undefined;
  readonly #table: DynamicTable;
  readonly #limits: HpackLimits;
  /** What our setting allows the peer's encoder. */
  #allowedTableBytes: number;
  /** The peer's next block must begin with a size update to at most this (RFC 7541, section 4.2). */
  #requiredTableBytes: number | undefined;
  #fault: HpackFault | undefined;
  #bytes: Uint8Array = emptyBytes;
  #start = 0;
  #at = 0;
  #end = 0;
  /** What `#readText` read; empty when it was too large to be kept. */
  #text = "";
  #textBytes = 0;
  #listBytes = 0;
  #fieldCount = 0;
  #scratch: Uint8Array = emptyBytes;

  constructor(options: HpackDecoderOptions = {}) {
    this.#allowedTableBytes = options.maxTableBytes ?? 4096;
    this.#table = new DynamicTable(this.#allowedTableBytes);
    this.#limits = { ...defaultHpackLimits, ...options.limits };
  }

  /** Changes with every change of the table. As long as it stands still, equal blocks decode to equal fields. */
  get generation(): number {
    return this.#table.generation;
  }

  /** Octets now in the dynamic table. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /** Our SETTINGS_HEADER_TABLE_SIZE, once the peer has acknowledged it. A shrunk table must be confirmed by the peer's next block. */
  setMaxTableBytes(maxBytes: number): void {
    this.#table.generation++;
    this.#allowedTableBytes = maxBytes;
    if (maxBytes < (this.#requiredTableBytes ?? this.#table.maxBytes)) this.#requiredTableBytes = maxBytes;
  }

  /**
   * Decodes the whole block `bytes[start..end)` into `sink`. Over a limit it goes on without the sink and sets
   * `exceeded`. A returned fault ends the connection; every later call returns it again.
   */
  decode(bytes: Uint8Array, start: number, end: number, sink: FieldSink): HpackFault | undefined {
    this.exceeded = undefined;
    this.#listBytes = 0;
    this.#fieldCount = 0;
    this.#bytes = bytes;
    this.#start = this.#at = start;
    this.#end = end;
    let ok = this.#fault === undefined && this.#readSizeUpdates();
    while (ok && this.#at < end) {
      const first = bytes[this.#at] as number;
      if (first >= 0x80) ok = this.#readIndexed(sink);
      else if (first >= 0x40) ok = this.#readLiteral(6, sink);
      else if (first < 0x20) ok = this.#readLiteral(4, sink);
      else ok = this.#failHere("late-size-update");
    }
    this.#bytes = emptyBytes;
    return this.#fault;
  }

  //   0   1   2   3   4   5   6   7
  // | 0 | 0 | 1 |  maximum size (5+)  |
  #readSizeUpdates(): boolean {
    for (let count = 0; this.#at < this.#end && ((this.#bytes[this.#at] as number) & 0xe0) === 0x20; count++) {
      if (count === maxSizeUpdates) return this.#failHere("too-many-size-updates");
      const maxBytes = this.#readInteger(5);
      if (maxBytes < 0) return false;
      if (maxBytes > this.#allowedTableBytes) return this.#fail("bad-size-update", maxBytes);
      if (maxBytes > (this.#requiredTableBytes ?? maxBytes)) break;
      this.#requiredTableBytes = undefined;
      this.#table.resize(maxBytes);
    }
    if (this.#requiredTableBytes === undefined) return true;
    return this.#fail("missing-size-update", this.#requiredTableBytes);
  }

  //   0   1   2   3   4   5   6   7
  // | 1 |        index (7+)         |
  #readIndexed(sink: FieldSink): boolean {
    const index = this.#readInteger(7);
    if (index < 0) return false;
    let name: string;
    let value: string;
    if (index <= staticCount && index > 0) {
      name = staticNames[index] as string;
      value = staticValues[index] as string;
    } else {
      const age = index - staticCount - 1;
      if (age < 0 || age >= this.#table.count) return this.#fail("bad-index", index);
      name = this.#table.nameAt(age);
      value = this.#table.valueAt(age);
    }
    if (!this.#charge(name.length + value.length)) return false;
    if (this.exceeded === undefined) sink.onField(name, value, false);
    return true;
  }

  //   0   1   2   3   4   5   6   7
  // | 0 | 1 |    name index (6+)    |  then the value: with incremental indexing
  // | 0 | 0 | 0 | s | name idx (4+) |  then the value: without; s: never to be indexed
  // A name index of 0 is followed by the name itself.
  #readLiteral(prefixBits: 4 | 6, sink: FieldSink): boolean {
    const first = this.#bytes[this.#at] as number;
    const index = this.#readInteger(prefixBits);
    if (index < 0) return false;
    let name: string;
    let nameBytes: number;
    if (index === 0) {
      if (!this.#readText()) return false;
      name = this.#text;
      nameBytes = this.#textBytes;
    } else {
      const age = index - staticCount - 1;
      if (age >= this.#table.count) return this.#fail("bad-index", index);
      name = age < 0 ? (staticNames[index] as string) : this.#table.nameAt(age);
      nameBytes = name.length;
    }
    if (!this.#readText()) return false;
    const value = this.#text;
    if (!this.#charge(nameBytes + this.#textBytes)) return false;
    if (prefixBits === 6) {
      const kept = name.length === nameBytes && value.length === this.#textBytes;
      if (kept) this.#table.insert(name, value);
      else this.#table.clear();
    }
    if (this.exceeded === undefined) sink.onField(name, value, prefixBits === 4 && (first & 0x10) !== 0);
    return true;
  }

  /** Counts a field against the limits; false when the list is past all measure. */
  #charge(fieldBytes: number): boolean {
    const limits = this.#limits;
    this.#listBytes += fieldBytes + entryOverhead;
    this.#fieldCount++;
    if (this.#listBytes > limits.maxListBytes * listBytesFactor) return this.#fail("list-too-large", this.#listBytes);
    if (this.exceeded !== undefined) return true;
    if (fieldBytes > limits.maxFieldBytes) this.exceeded = "field";
    else if (this.#listBytes > limits.maxListBytes) this.exceeded = "list";
    else if (this.#fieldCount > limits.maxFields) this.exceeded = "fields";
    return true;
  }

  //   0   1   2   3   4   5   6   7
  // | h |       length (7+)         |  then that many octets; h: in the Huffman code
  #readText(): boolean {
    if (this.#at >= this.#end) return this.#failHere("truncated");
    const isHuffman = (this.#bytes[this.#at] as number) >= 0x80;
    const size = this.#readInteger(7);
    if (size < 0) return false;
    if (size > this.#end - this.#at) return this.#failHere("truncated");
    const start = this.#at;
    this.#at += size;
    // No longer text can become a field or an entry.
    const maxKept = Math.max(this.#limits.maxFieldBytes, this.#table.maxBytes);
    if (!isHuffman) {
      this.#textBytes = size;
      this.#text = size > maxKept ? "" : readLatin1(this.#bytes, start, this.#at);
      return true;
    }
    // The shortest code has 5 bits.
    const room = Math.min(maxKept, Math.floor((size * 8) / 5));
    if (this.#scratch.length < room) this.#scratch = new Uint8Array(Math.max(room, 256));
    this.#textBytes = readHuffman(this.#bytes, start, this.#at, this.#scratch);
    if (this.#textBytes < 0) return this.#fail("bad-huffman", start - this.#start);
    this.#text = this.#textBytes > maxKept ? "" : readLatin1(this.#scratch, 0, this.#textBytes);
    return true;
  }

  /** An integer whose first octet keeps `prefixBits` for it (RFC 7541, section 5.1); -1 after a fault. */
  #readInteger(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = (this.#bytes[this.#at++] as number) & mask;
    if (value < mask) return value;
    for (let count = 1; count < maxIntegerBytes; count++) {
      if (this.#at >= this.#end) return this.#failInteger("truncated");
      const octet = this.#bytes[this.#at++] as number;
      value += (octet & 0x7f) << (7 * (count - 1));
      if (octet < 0x80) return value <= maxInteger ? value : this.#failInteger("bad-integer");
    }
    return this.#failInteger("bad-integer");
  }

  #failInteger(code: HpackFaultCode): -1 {
    this.#failHere(code);
    return -1;
  }

  #failHere(code: HpackFaultCode): false {
    return this.#fail(code, this.#at - this.#start);
  }

  #fail(code: HpackFaultCode, value: number): false {
    this.#fault = createHpackFault(code, value);
    return false;
  }
}
