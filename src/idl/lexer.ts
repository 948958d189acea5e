// IDL layer: a `.proto` text, or a message in text format, as tokens. It knows no grammar, and it never throws: what it cannot
// read it reports and skips. The lexical elements are those of https://protobuf.dev/reference/protobuf/proto3-spec/ and of
// https://protobuf.dev/reference/protobuf/textformat-spec/.
import type { Source } from "./source.ts";
import type { Problems, SourceErrorDetails } from "./source-error.ts";

/** The longest number that is read. */
export const maxNumberChars = 400;

export type TokenKind = "name" | "integer" | "float" | "string" | "symbol" | "end";

/** A piece of text. A string's quotes are part of it. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offsets in the source: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** A comment stands between the token before it and this one. */
  readonly commented: boolean;
}

/** What is lexed differently in a `.proto` file and in a message in text format: comments, and the `f` of `1.5f`. */
export type Dialect = "proto" | "text-format";

/** All tokens of a text, the last of kind "end". Strings are whole, but their escapes are not yet looked at. */
export function tokenize(source: Source, problems: Problems, dialect: Dialect = "proto"): readonly Token[] {
  return new Lexer(source, problems, dialect).run();
}

const newline = 10;
const quotes = "\"'";

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

class Lexer {
  readonly #source: Source;
  readonly #problems: Problems;
  readonly #text: string;
  readonly #isText: boolean;
  readonly #tokens: Token[] = [];
  #at = 0;
  #commented = false;

  constructor(source: Source, problems: Problems, dialect: Dialect) {
    this.#isText = dialect === "text-format";
    this.#source = source;
    this.#problems = problems;
    this.#text = source.text;
  }

  run(): readonly Token[] {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
    while (this.#at < this.#text.length) this.#step();
    this.#push("end", this.#at);
    return this.#tokens;
  }

  #step(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (isSpace(code)) this.#at++;
    else if (isLetter(code)) this.#name();
    else if (isDigit(code)) this.#number();
    else if (code === 46 && isDigit(this.#text.charCodeAt(this.#at + 1))) this.#number();
    else if (code === 34 || code === 39) this.#string(code);
    else if (this.#isText ? code === 35 : this.#startsWith("//")) this.#lineComment();
    else if (!this.#isText && this.#startsWith("/*")) this.#blockComment();
    else if (code > 32 && code < 127) this.#push("symbol", this.#at + 1);
    else this.#strange();
  }

  #startsWith(mark: string): boolean {
    return this.#text.startsWith(mark, this.#at);
  }

  #push(kind: TokenKind, end: number): void {
    const start = this.#at;
    this.#tokens.push({ kind, text: this.#text.slice(start, end), start, end, commented: this.#commented });
    this.#commented = false;
    this.#at = end;
  }

  #report(offset: number, details: SourceErrorDetails): void {
    this.#problems.report(this.#source, offset, details);
  }

  #name(): void {
    let end = this.#at + 1;
    for (let code = this.#text.charCodeAt(end); isLetter(code) || isDigit(code); code = this.#text.charCodeAt(end))
      end++;
    this.#push("name", end);
  }

  #number(): void {
    const text = this.#text;
    const pattern = this.#isText
      ? /0[xX][0-9a-fA-F]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d*)?[fF]?/y
      : /0[xX][0-9a-fA-F]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d*)?/y;
    pattern.lastIndex = this.#at;
    const number = pattern.exec(text)?.[0] ?? "";
    const end = this.#at + number.length;
    const isHex = /^0[xX]/.test(number);
    if (number.length > maxNumberChars) {
      // A BigInt of a million digits takes seconds to read, and no number of a contract has hundreds.
      this.#report(this.#at, { code: "bad-number", sentence: `this number has ${number.length} characters` });
    } else if (isHex ? number.length === 2 : /[eE][+-]?[fF]?$/.test(number)) {
      this.#report(this.#at, {
        code: "bad-number",
        sentence: `"${number}" lacks digits after "${number.slice(isHex ? 0 : -1)}"`,
        found: number,
      });
    } else if (/^0\d*[89]\d*$/.test(number)) {
      this.#report(this.#at, {
        code: "bad-number",
        sentence: `"${number}" begins with 0, so it is octal, but it has a digit 8 or 9`,
        found: number,
        hint: "leave the leading 0 out",
      });
    } else if (isLetter(text.charCodeAt(end)) || text.charCodeAt(end) === 46) {
      this.#report(end, {
        code: "bad-number",
        sentence: `expected a space after the number ${number}, found "${text[end]}"`,
        found: text[end],
      });
    }
    this.#push(isHex || /^\d+$/.test(number) ? "integer" : "float", end);
  }

  #string(quote: number): void {
    const text = this.#text;
    let end = this.#at + 1;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === quote || code === newline) break;
      if (code === 92 && end + 1 < text.length && text.charCodeAt(end + 1) !== newline) end++;
    }
    if (text.charCodeAt(end) === quote) {
      this.#push("string", end + 1);
      return;
    }
    this.#report(this.#at, {
      code: "unterminated-string",
      sentence: `this string has no closing ${quotes[quote === 34 ? 0 : 1]} on its line`,
      hint: "a string ends on the line where it begins; several strings in a row are one",
    });
    this.#push("string", Math.min(end, text.length));
  }

  #lineComment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    this.#commented = true;
  }

  #blockComment(): void {
    const end = this.#text.indexOf("*/", this.#at + 2);
    const inner = this.#text.indexOf("/*", this.#at + 2);
    if (inner >= 0 && inner < end) {
      this.#report(inner, {
        code: "unterminated-comment",
        sentence: 'a comment cannot hold "/*": comments do not nest',
      });
    }
    if (end < 0) {
      this.#report(this.#at, { code: "unterminated-comment", sentence: 'this comment has no closing "*/"' });
    }
    this.#at = end < 0 ? this.#text.length : end + 2;
    this.#commented = true;
  }

  #strange(): void {
    const point = this.#text.codePointAt(this.#at) ?? 0;
    const hex = point.toString(16).toUpperCase().padStart(4, "0");
    const shown = point < 32 || point === 127 ? `U+${hex}` : `"${String.fromCodePoint(point)}" (U+${hex})`;
    this.#report(this.#at, {
      code: "unexpected-character",
      sentence: `unexpected character ${shown}`,
      found: shown,
      hint: `outside comments and strings a ${this.#isText ? "text" : ".proto file"} is ASCII`,
    });
    // A run of them is one mistake: a pasted word, or a file in another encoding.
    while (this.#at < this.#text.length && this.#isStrange(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #isStrange(code: number): boolean {
    return code >= 127 || (code < 32 && !isSpace(code));
  }
}
