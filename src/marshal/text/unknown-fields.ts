// Marshal layer, text format: fields that the schema lacks, by their numbers. What lies behind a length may be text or a
// message: it is shown as a message when it reads as one.
import { Reader } from "../../bytes/reader.ts";
import { readTag, skipField, tagOf, wireTypes } from "../tags.ts";
import { defaultMaxDepth } from "../wire.ts";
import type { TextLines } from "./lines.ts";
import { quoteBytes } from "./quote.ts";

/** How deep a guess at messages goes: each level is read again to see whether it is one. */
const maxGuessDepth = 10;

/** Writes the fields in `bytes`, which a decoder kept. */
export function formatUnknown(lines: TextLines, bytes: Uint8Array): void {
  formatFields(lines, bytes, maxGuessDepth);
}

function formatFields(lines: TextLines, bytes: Uint8Array, guesses: number): void {
  const from = new Reader(bytes, 0, bytes.length, defaultMaxDepth);
  while (from.position < from.end) formatField(lines, from, readTag(from), guesses);
}

function formatField(lines: TextLines, from: Reader, tag: number, guesses: number): void {
  const number = tag >>> 3;
  switch (tag & 7) {
    case wireTypes.varint:
      lines.add(`${number}: ${from.varintU64()}`);
      return;
    case wireTypes.fixed32:
      lines.add(`${number}: 0x${(from.fixed32() >>> 0).toString(16).padStart(8, "0")}`);
      return;
    case wireTypes.fixed64:
      lines.add(`${number}: 0x${from.fixedU64().toString(16).padStart(16, "0")}`);
      return;
    case wireTypes.sized:
      formatSized(lines, number, from.copy(), guesses);
      return;
    case wireTypes.groupStart:
      from.descend();
      lines.block(String(number), () => {
        const end = tagOf(number, wireTypes.groupEnd);
        for (let inner = readTag(from); inner !== end; inner = readTag(from)) {
          formatField(lines, from, inner, guesses);
        }
      });
      from.depthLeft++;
      return;
    default:
      // Says what is wrong with it.
      skipField(from, tag);
  }
}

function formatSized(lines: TextLines, number: number, bytes: Uint8Array, guesses: number): void {
  if (bytes.length === 0 || guesses === 0 || !isMessage(bytes)) {
    lines.add(`${number}: ${quoteBytes(bytes)}`);
    return;
  }
  lines.block(String(number), () => formatFields(lines, bytes, guesses - 1));
}

function isMessage(bytes: Uint8Array): boolean {
  const from = new Reader(bytes, 0, bytes.length, defaultMaxDepth);
  try {
    while (from.position < from.end) skipField(from, readTag(from));
    return true;
  } catch {
    return false;
  }
}
