// HPACK: strings in the Huffman code (RFC 7541, section 5.2). Decoding looks up the next ten bits at once; the rare
// longer codes are read bit by bit. It never throws on what it decodes.
import {
  codeBits,
  codeCounts,
  codes,
  eosSymbol,
  firstCodes,
  firstOrders,
  maxCodeBits,
  symbolsInOrder,
} from "./huffman-code.ts";

const quickBits = 10;
const quickMask = (1 << quickBits) - 1;

/** By the next ten bits: `symbol << 4 | bits of its code`, or 0 when the code is longer than ten bits. */
const quick = new Uint16Array(1 << quickBits);
for (let symbol = 0; symbol < eosSymbol; symbol++) {
  const bits = codeBits[symbol] as number;
  if (bits > quickBits) continue;
  const first = (codes[symbol] as number) << (quickBits - bits);
  quick.fill((symbol << 4) | bits, first, first + (1 << (quickBits - bits)));
}

/**
 * Octets that `text` takes in the Huffman code.
 * @throws RangeError when a char is above 0xff, which no header octet can carry.
 */
export function huffmanSize(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) throw new RangeError(`a header field has char ${code} at ${at}; its octets end at 255`);
    bits += codeBits[code] as number;
  }
  return (bits + 7) >> 3;
}

/** Writes `text` into `bytes` at `position`, where `huffmanSize(text)` octets must be free; returns the position behind. */
export function writeHuffman(text: string, bytes: Uint8Array, position: number): number {
  let to = position;
  let window = 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    const symbol = text.charCodeAt(at);
    let code = codes[symbol] as number;
    let bits = codeBits[symbol] as number;
    if (bits > 16) {
      // A 30-bit code behind 7 waiting bits does not fit 32: its upper part goes first.
      window = (window << (bits - 16)) | (code >>> 16);
      held += bits - 16;
      for (; held >= 8; held -= 8) bytes[to++] = window >> (held - 8);
      code &= 0xffff;
      bits = 16;
    }
    window = (window << bits) | code;
    held += bits;
    for (; held >= 8; held -= 8) bytes[to++] = window >> (held - 8);
  }
  if (held > 0) bytes[to++] = (window << (8 - held)) | (0xff >> held);
  return to;
}

/**
 * Decodes `bytes[start..end)` into the beginning of `into` and returns the number of octets decoded, or -1 when the
 * string has an EOS symbol, padding of more than 7 bits, or padding that is not all ones. Octets that `into` has no
 * room for are counted and dropped.
 */
export function readHuffman(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  const room = into.length;
  let at = start;
  let window = 0;
  let held = 0;
  let count = 0;
  for (;;) {
    for (; held <= 16 && at < end; held += 8) window = (window << 8) | (bytes[at++] as number);
    let entry: number;
    if (held >= quickBits) {
      entry = quick[(window >> (held - quickBits)) & quickMask] as number;
    } else {
      const missing = quickBits - held;
      entry = quick[((window << missing) | ((1 << missing) - 1)) & quickMask] as number;
      if (entry === 0 || (entry & 15) > held) return isPadding(window, held) ? count : -1;
    }
    if (entry !== 0) {
      held -= entry & 15;
      if (count < room) into[count] = entry >> 4;
      count++;
      continue;
    }
    const bitAt = at * 8 - held;
    const found = readLongCode(bytes, bitAt, end * 8);
    if (found < 0) return -1;
    if (count < room) into[count] = found >> 5;
    count++;
    const next = bitAt + (found & 31);
    at = next >> 3;
    held = 0;
    if ((next & 7) !== 0) {
      window = bytes[at++] as number;
      held = 8 - (next & 7);
    }
  }
}

function isPadding(window: number, held: number): boolean {
  const ones = (1 << held) - 1;
  return held < 8 && (window & ones) === ones;
}

/** `symbol << 5 | bits` of the code that begins at bit `start`, or -1 when it is EOS or does not end before bit `end`. */
function readLongCode(bytes: Uint8Array, start: number, end: number): number {
  let code = 0;
  for (let bits = 1; bits <= maxCodeBits && start + bits <= end; bits++) {
    const at = start + bits - 1;
    code = (code << 1) | (((bytes[at >> 3] as number) >> (7 - (at & 7))) & 1);
    const order = code - (firstCodes[bits] as number);
    if (order >= (codeCounts[bits] as number)) continue;
    const symbol = symbolsInOrder[(firstOrders[bits] as number) + order] as number;
    return symbol === eosSymbol ? -1 : (symbol << 5) | bits;
  }
  return -1;
}
