// HPACK: the Huffman code (RFC 7541, appendix B). The code is canonical: codes of one length follow each other in the
// order of their symbols, and shorter codes come first; so the lengths alone say everything. It never changes.

/** The symbol that must never be sent; a string is padded with the first bits of its code, which are all ones. */
export const eosSymbol = 256;

/** Bits of the longest code. */
export const maxCodeBits = 30;

/** Symbols by the length of their code in bits, each run in order; `first-last` where they follow each other. */
const symbolsByBits: readonly (readonly [bits: number, symbols: string])[] = [
  [5, "48-50 97 99 101 105 111 115 116"],
  [6, "32 37 45-47 51-57 61 65 95 98 100 102-104 108-110 112 114 117"],
  [7, "58 66-87 89 106 107 113 118-122"],
  [8, "38 42 44 59 88 90"],
  [10, "33 34 40 41 63"],
  [11, "39 43 124"],
  [12, "35 62"],
  [13, "0 36 64 91 93 126"],
  [14, "94 125"],
  [15, "60 96 123"],
  [19, "92 195 208"],
  [20, "128 130 131 162 184 194 224 226"],
  [21, "153 161 167 172 176 177 179 209 216 217 227 229 230"],
  [22, "129 132-134 136 146 154 156 160 163 164 169 170 173 178 181 185-187 189 190 196 198 228 232 233"],
  [23, "1 135 137-141 143 147 149-152 155 157 158 165 166 168 174 175 180 182 183 188 191 197 231 239"],
  [24, "9 142 144 145 148 159 171 206 215 225 236 237"],
  [25, "199 207 234 235"],
  [26, "192 193 200-202 205 210 213 218 219 238 240 242 243 255"],
  [27, "203 204 211 212 214 221-223 241 244-248 250-254"],
  [28, "2-8 11 12 14-21 23-31 127 220 249"],
  [30, "10 13 22 256"],
];

function expandRuns(symbols: string): number[] {
  return symbols.split(" ").flatMap((run) => {
    const [first = 0, last = first] = run.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
}

/** Symbols in the order of their codes. */
export const symbolsInOrder: Uint16Array = Uint16Array.from(symbolsByBits.flatMap(([, runs]) => expandRuns(runs)));

/** Bits of each symbol's code. */
export const codeBits: Uint8Array = new Uint8Array(eosSymbol + 1);

/** Each symbol's code, in its lowest `codeBits` bits. */
export const codes: Uint32Array = new Uint32Array(eosSymbol + 1);

/** By length in bits: the first code of that length. */
export const firstCodes: Uint32Array = new Uint32Array(maxCodeBits + 1);

/** By length in bits: how many codes have it. */
export const codeCounts: Uint16Array = new Uint16Array(maxCodeBits + 1);

/** By length in bits: where the symbols of that length begin in `symbolsInOrder`. */
export const firstOrders: Uint16Array = new Uint16Array(maxCodeBits + 1);

assignCodes();

function assignCodes(): void {
  for (const [bits, runs] of symbolsByBits) {
    for (const symbol of expandRuns(runs)) codeBits[symbol] = bits;
    codeCounts[bits] = expandRuns(runs).length;
  }
  let code = 0;
  let order = 0;
  for (let bits = 1; bits <= maxCodeBits; bits++) {
    code *= 2;
    firstCodes[bits] = code;
    firstOrders[bits] = order;
    for (const last = order + (codeCounts[bits] as number); order < last; order++) {
      codes[symbolsInOrder[order] as number] = code++;
    }
  }
}
