// Marshal layer, text format: the place in a text: what is next, what must be next, and errors that say where. The tokens are
// those of https://protobuf.dev/reference/protobuf/textformat-spec/#lexical.
import { type Token, tokenize } from "../../idl/lexer.ts";
import { Source } from "../../idl/source.ts";
import { Problems } from "../../idl/source-error.ts";
import { MarshalError, type MarshalErrorCode } from "../errors.ts";

/** Where a reader of text stands. */
export class TextCursor {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #index = 0;

  /** Throws a `MarshalError`: the first thing in `text` that is no token. */
  constructor(text: string) {
    this.#source = new Source("", text);
    const problems = new Problems(1);
    this.#tokens = tokenize(this.#source, problems, "text-format");
    const [error] = problems.errors;
    if (error === undefined) return;
    const { line, column, sentence } = error;
    throw new MarshalError("bad-syntax", sentence, { position: { line, column } });
  }

  get token(): Token {
    return this.#tokens[this.#index] as Token;
  }

  /** Where the next token begins. */
  get at(): number {
    return this.token.start;
  }

  get atEnd(): boolean {
    return this.token.kind === "end";
  }

  /** The next token is the symbol or word `text`. */
  is(text: string): boolean {
    const { token } = this;
    return token.text === text && token.kind !== "string" && token.kind !== "end";
  }

  take(): Token {
    const { token } = this;
    if (token.kind !== "end") this.#index++;
    return token;
  }

  /** Takes the next token if it is `text`. */
  takeIf(text: string): boolean {
    if (!this.is(text)) return false;
    this.#index++;
    return true;
  }

  /** Takes `text`, which must be next. `where` completes the sentence: `after the list`. */
  expect(text: string, where: string): void {
    if (!this.takeIf(text)) this.failExpected(`"${text}" ${where}`);
  }

  /** Fails with `expected <what>, found <token>`. */
  failExpected(what: string): never {
    const { text } = this.token;
    const shown = text.length > 40 ? `${text.slice(0, 37)}...` : text;
    return this.fail("bad-syntax", `expected ${what}, found ${this.atEnd ? "the end of the text" : shown}`);
  }

  fail(code: MarshalErrorCode, detail: string, at = this.at): never {
    throw new MarshalError(code, detail, { position: this.#source.position(at) });
  }

  /** Runs `read`; what it throws without a place in the text gets the place of the next token. */
  located<Result>(read: () => Result, at = this.at): Result {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MarshalError) || error.position !== undefined) throw error;
      const { code, detail, path } = error;
      throw new MarshalError(code, detail, { path, cause: error, position: this.#source.position(at) });
    }
  }
}
