// Marshal layer, ProtoJSON: JSON text (RFC 8259) into values. Unlike `JSON.parse` it refuses a property that stands twice,
// keeps integers beyond 2^53 whole (as bigints), and has a limit on depth.
import { MarshalError } from "../errors.ts";
import { setProperty } from "./json-value.ts";
import { parseNumberText } from "./number-text.ts";

/** Reads one JSON value, which must be all of `text`. Throws a `MarshalError`: `bad-json`, `too-deep`. */
export function parseJson(text: string, maxDepth: number): unknown {
  return new JsonText(text, maxDepth).parse();
}

const words: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

class JsonText {
  readonly #text: string;
  readonly #maxDepth: number;
  #depth = 0;
  /** Index of the next character to read. */
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  parse(): unknown {
    const value = this.#value();
    if (this.#next() !== "") throw this.#wrong("the end of the text");
    return value;
  }

  /** The next character that is no white space, which is left to be read; `""` at the end. */
  #next(): string {
    const space = /[ \t\n\r]*/y;
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
    return this.#text.charAt(this.#at);
  }

  #value(): unknown {
    const first = this.#next();
    if (first === "{") return this.#object();
    if (first === "[") return this.#array();
    if (first === '"') return this.#string();
    if (first === "-" || (first >= "0" && first <= "9")) return this.#number();
    const word = words.find(([name]) => this.#text.startsWith(name, this.#at));
    if (word === undefined) throw this.#wrong("a value");
    this.#at += word[0].length;
    return word[1];
  }

  #descend(): void {
    if (++this.#depth > this.#maxDepth) {
      throw new MarshalError("too-deep", `more than ${this.#maxDepth} levels of JSON ${this.#place()}`);
    }
    this.#at++;
  }

  #object(): unknown {
    const object = {};
    this.#descend();
    if (this.#next() !== "}") {
      do {
        if (this.#next() !== '"') throw this.#wrong("a name in quotes");
        const at = this.#at;
        const name = this.#string();
        if (Object.hasOwn(object, name)) {
          throw new MarshalError("bad-json", `the property ${JSON.stringify(name)} stands twice, ${this.#place(at)}`);
        }
        if (!this.#take(":")) throw this.#wrong('":"');
        setProperty(object, name, this.#value());
      } while (this.#take(","));
    }
    if (!this.#take("}")) throw this.#wrong('"," or "}"');
    this.#depth--;
    return object;
  }

  #array(): unknown {
    const items: unknown[] = [];
    this.#descend();
    if (this.#next() !== "]") {
      do items.push(this.#value());
      while (this.#take(","));
    }
    if (!this.#take("]")) throw this.#wrong('"," or "]"');
    this.#depth--;
    return items;
  }

  #take(mark: string): boolean {
    if (this.#next() !== mark) return false;
    this.#at++;
    return true;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do end = this.#text.indexOf('"', end + 1);
    while (end > 0 && this.#isEscaped(start, end));
    if (end < 0) throw this.#wrong("a string that ends");
    try {
      // The native reader knows all escapes, and refuses what may not stand in a string.
      const text = JSON.parse(this.#text.slice(start, end + 1)) as string;
      this.#at = end + 1;
      return text;
    } catch {
      throw this.#wrong("a string without control characters and with escapes that exist");
    }
  }

  /** Whether an odd number of backslashes stands before `end`. */
  #isEscaped(start: number, end: number): boolean {
    let at = end - 1;
    while (at > start && this.#text[at] === "\\") at--;
    return (end - 1 - at) % 2 === 1;
  }

  #number(): number | bigint {
    const token = /[-+.0-9eE]*/y;
    token.lastIndex = this.#at;
    const text = token.exec(this.#text)?.[0] ?? "";
    const value = parseNumberText(text);
    if (value === undefined) throw this.#wrong("a number");
    this.#at += text.length;
    return value;
  }

  #wrong(expected: string): MarshalError {
    return new MarshalError("bad-json", `expected ${expected} ${this.#place()}`);
  }

  /** Where reading has got to, for people. */
  #place(at = this.#at): string {
    const before = this.#text.slice(0, at).split("\n");
    return `at line ${before.length}, column ${(before.at(-1) as string).length + 1}`;
  }
}
