// Fuzz support: HPACK decoding (RFC 7541) written a second time and for clarity alone: bits as text, the table as a list.
// Of the code under test it uses only the tables of constants.
import { codeBits, codes } from "../../../src/http2/hpack/huffman-code.ts";
import { staticCount, staticNames, staticValues } from "../../../src/http2/hpack/static-table.ts";

export type ModelField = readonly [name: string, value: string, sensitive: boolean];

const symbolsByCode: ReadonlyMap<string, number> = new Map(
  Array.from(codes, (code, symbol) => [code.toString(2).padStart(codeBits[symbol] as number, "0"), symbol]),
);

class Refused extends Error {}

/** One connection's decoder, without limits on what it gives out. */
export class HpackModel {
  #entries: (readonly [name: string, value: string])[] = [];
  #maxBytes: number;
  #allowedBytes: number;
  #requiredBytes: number | undefined;
  #octets: readonly number[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = this.#allowedBytes = maxBytes;
  }

  get tableBytes(): number {
    return this.#entries.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  }

  /** Our setting was acknowledged (section 4.2). */
  setMaxTableBytes(maxBytes: number): void {
    this.#allowedBytes = maxBytes;
    if (maxBytes < (this.#requiredBytes ?? this.#maxBytes)) this.#requiredBytes = maxBytes;
  }

  /** The fields of a block; undefined when it must be refused. */
  decode(block: Uint8Array): ModelField[] | undefined {
    this.#octets = [...block];
    try {
      return this.#block();
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  #block(): ModelField[] {
    const fields: ModelField[] = [];
    let updates = 0;
    while (this.#octets.length > 0) {
      const first = this.#octets[0] as number;
      if (first >= 0x20 && first < 0x40) {
        if (fields.length > 0 || ++updates > 2) throw new Refused();
        this.#updateSize(this.#integer(5));
        continue;
      }
      if (this.#requiredBytes !== undefined) throw new Refused();
      fields.push(first >= 0x80 ? this.#indexed() : this.#literal(first));
    }
    if (this.#requiredBytes !== undefined) throw new Refused();
    return fields;
  }

  #updateSize(maxBytes: number): void {
    if (maxBytes > this.#allowedBytes) throw new Refused();
    if (this.#requiredBytes !== undefined && maxBytes > this.#requiredBytes) throw new Refused();
    this.#requiredBytes = undefined;
    this.#maxBytes = maxBytes;
    this.#evict();
  }

  #indexed(): ModelField {
    const [name, value] = this.#entry(this.#integer(7));
    return [name, value, false];
  }

  #literal(first: number): ModelField {
    const indexes = first >= 0x40;
    const index = this.#integer(indexes ? 6 : 4);
    const name = index === 0 ? this.#text() : this.#entry(index)[0];
    const value = this.#text();
    if (indexes) {
      this.#entries.unshift([name, value]);
      this.#evict();
    }
    return [name, value, !indexes && first >= 0x10];
  }

  #evict(): void {
    while (this.tableBytes > this.#maxBytes) this.#entries.pop();
  }

  #entry(index: number): readonly [name: string, value: string] {
    if (index >= 1 && index <= staticCount) return [staticNames[index] as string, staticValues[index] as string];
    const entry = this.#entries[index - staticCount - 1];
    if (entry === undefined) throw new Refused();
    return entry;
  }

  #octet(): number {
    const octet = this.#octets[0];
    if (octet === undefined) throw new Refused();
    this.#octets = this.#octets.slice(1);
    return octet;
  }

  #integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1;
    let value = this.#octet() % 2 ** prefixBits;
    if (value < mask) return value;
    for (let power = 0; power < 4; power++) {
      const octet = this.#octet();
      value += (octet % 128) * 128 ** power;
      if (octet < 128) {
        if (value > 2 ** 28) throw new Refused();
        return value;
      }
    }
    throw new Refused();
  }

  #text(): string {
    const isHuffman = (this.#octets[0] ?? 0) >= 128;
    const size = this.#integer(7);
    if (size > this.#octets.length) throw new Refused();
    const octets = this.#octets.slice(0, size);
    this.#octets = this.#octets.slice(size);
    return isHuffman ? unpack(octets) : String.fromCharCode(...octets);
  }
}

/** Section 5.2: what is left behind the last symbol are at most 7 bits, all ones. */
function unpack(octets: readonly number[]): string {
  const bits = octets.map((octet) => octet.toString(2).padStart(8, "0")).join("");
  let text = "";
  let code = "";
  for (const bit of bits) {
    code += bit;
    const symbol = symbolsByCode.get(code);
    if (symbol === undefined) continue;
    if (symbol === 256) throw new Refused();
    text += String.fromCharCode(symbol);
    code = "";
  }
  if (code.length > 7 || code.includes("0")) throw new Refused();
  return text;
}
