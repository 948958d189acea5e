// IDL layer: the parser's place in the tokens: what is next, what must be next, how to go on behind a mistake.
// A grammar function that cannot go on throws a `SourceError`; `statement` catches it, so none leaves the parser.
import type { Comments } from "../descriptor.ts";
import { type GapComments, sortGapComments } from "../gap-comments.ts";
import { type Token, tokenize } from "../lexer.ts";
import type { IdlLimits } from "../limits.ts";
import type { Source } from "../source.ts";
import { type Problems, SourceError, type SourceErrorDetails } from "../source-error.ts";
import { decodeStringLiteral, decodeText } from "../string-literal.ts";
import type { NameNode } from "../syntax-tree.ts";

/** Thrown instead of a further `SourceError` when no more are taken; it ends the parsing of the file. */
export class TooManyErrors extends Error {
  override readonly name = "TooManyErrors";
}

/** Where a parser stands. */
export class Cursor {
  readonly source: Source;
  readonly problems: Problems;
  /** The syntax of the file, which its first statement may change. */
  syntax: "proto2" | "proto3" | "editions" = "proto3";
  readonly #tokens: readonly Token[];
  readonly #maxDepth: number;
  #index = 0;
  #depth = 0;
  /** Braces taken and not yet closed, so that recovery knows where a statement ends. */
  #openBraces = 0;

  constructor(source: Source, problems: Problems, limits: IdlLimits) {
    this.source = source;
    this.problems = problems;
    this.#maxDepth = limits.maxDepth;
    this.#tokens = tokenize(source, problems);
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

  /** The token behind the next one is the symbol or word `text`. */
  isSecond(text: string): boolean {
    const second = this.#tokens[this.#index + 1];
    return second !== undefined && second.text === text && second.kind !== "string";
  }

  take(): Token {
    const { token } = this;
    if (token.kind === "end") return token;
    if (token.text === "{") this.#openBraces++;
    if (token.text === "}") this.#openBraces--;
    this.#index++;
    return token;
  }

  /** Takes the next token if it is `text`. */
  takeIf(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  /** Takes `text`, which must be next. `where` completes the sentence: `after the field`. */
  expect(text: string, where: string): Token {
    if (!this.is(text)) this.failExpected(`"${text}"`, where);
    return this.take();
  }

  /**
   * Takes the `;` that ends a statement. When a line ends or a block closes there instead, the mistake is noted where
   * the `;` belongs, and reading goes on as if it stood there.
   */
  expectEnd(where: string): void {
    if (this.takeIf(";")) return;
    const before = this.#tokens[this.#index - 1];
    const gap = before === undefined ? "" : this.source.text.slice(before.end, this.at);
    if (before === undefined || !(gap.includes("\n") || this.is("}") || this.atEnd)) this.failExpected('";"', where);
    this.problems.add(this.#expectedError('";"', where, gap.includes("\n") || this.atEnd ? before.end : this.at));
  }

  takeName(what: string): NameNode {
    if (this.token.kind !== "name") this.failExpected(what);
    const token = this.take();
    return { text: token.text, at: token.start };
  }

  /** A dotted name; `rooted` admits a dot in front of it. */
  takeDottedName(what: string, rooted: boolean): NameNode {
    const { at } = this;
    let text = rooted && this.takeIf(".") ? "." : "";
    text += this.takeName(what).text;
    let parts = 1;
    while (this.takeIf(".")) {
      if (++parts > this.#maxDepth) {
        this.fail({ code: "too-deep", sentence: `this name has more than ${this.#maxDepth} parts` }, at);
      }
      text += `.${this.takeName("a name after the dot").text}`;
    }
    return { text, at };
  }

  /** One string, or several in a row that count as one. */
  takeBytes(what: string): { readonly bytes: Uint8Array; readonly at: number } {
    const { at } = this;
    if (this.token.kind !== "string") this.failExpected(what);
    const pieces: Uint8Array[] = [];
    while (this.token.kind === "string") pieces.push(this.#literal(this.take()));
    if (pieces.length === 1) return { bytes: pieces[0] as Uint8Array, at };
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let end = 0;
    for (const piece of pieces) {
      bytes.set(piece, end);
      end += piece.length;
    }
    return { bytes, at };
  }

  /** A string that must be text. */
  takeText(what: string): NameNode {
    const { bytes, at } = this.takeBytes(what);
    const text = decodeText(bytes);
    if (text === undefined) this.fail({ code: "bad-escape", sentence: "this string is not valid UTF-8" }, at);
    return { text, at };
  }

  #literal(token: Token): Uint8Array {
    const literal = decodeStringLiteral(token.text);
    if (literal.kind === "bytes") return literal.bytes;
    const at = token.start + literal.offset;
    const found = this.source.text.slice(at, at + literal.length);
    this.problems.report(this.source, at, {
      code: "bad-escape",
      sentence: `"${found}" is not an escape that strings know`,
      found,
      expected: "\\n \\t \\\\ \\\" \\' \\ooo \\xhh \\uhhhh",
      hint: "a backslash itself is written \\\\",
    });
    return new Uint8Array(0);
  }

  /** Comments of the declaration that begins at the next token. */
  leadingComments(): Pick<Comments, "leading" | "detached"> {
    const { leading, detached } = this.#gap(this.#index);
    return { ...(leading === undefined ? {} : { leading }), ...(detached.length === 0 ? {} : { detached }) };
  }

  /** The comment that trails the token taken last. */
  trailingComment(): Pick<Comments, "trailing"> {
    const { trailing } = this.#gap(this.#index);
    return trailing === undefined ? {} : { trailing };
  }

  #gap(index: number): GapComments {
    const next = this.#tokens[index] as Token;
    if (!next.commented) return { trailing: undefined, detached: [], leading: undefined };
    const before = this.#tokens[index - 1];
    const gap = this.source.text.slice(before?.end ?? 0, next.start);
    return sortGapComments(gap, { atStart: before === undefined, next: next.text });
  }

  /** Runs `parse` one level deeper; too deep is an error at the next token. */
  nested<Result>(parse: () => Result): Result {
    if (this.#depth >= this.#maxDepth) {
      this.fail({ code: "too-deep", sentence: `this is nested more than ${this.#maxDepth} levels deep` });
    }
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  /** Runs `parse` for one statement. If it fails, notes why and goes to the statement's end. */
  statement(parse: () => void): void {
    const braces = this.#openBraces;
    const index = this.#index;
    try {
      parse();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.problems.add(error);
      this.#skipStatement(braces);
      if (this.#index === index && !this.is("}")) this.take();
    }
  }

  /** Reads members up to and with the closing brace; the opening one was taken. `what` names the block. */
  block(what: string, member: () => void): void {
    const opened = this.source.position((this.#tokens[this.#index - 1] as Token).start).line;
    while (!this.is("}")) {
      if (this.atEnd) {
        this.fail({
          code: "unexpected-token",
          sentence: `expected "}" to end ${what}, found the end of the file`,
          found: "the end of the file",
          expected: '"}"',
          hint: `its "{" is on line ${opened}`,
        });
      }
      this.statement(member);
    }
    this.take();
  }

  #skipStatement(braces: number): void {
    while (!this.atEnd) {
      if (this.is("}") && this.#openBraces <= braces) return;
      const { text } = this.take();
      if (this.#openBraces > braces) continue;
      if (text === ";") return;
      if (text === "}") {
        this.takeIf(";");
        return;
      }
    }
  }

  /** Fails with `expected <what> <where>, found <token>`. */
  failExpected(what: string, where = "", hint?: string): never {
    if (this.problems.full) throw new TooManyErrors();
    throw this.#expectedError(what, where, this.at, hint);
  }

  #expectedError(what: string, where: string, at: number, hint?: string): SourceError {
    const found = this.atEnd ? "the end of the file" : describeToken(this.token);
    return new SourceError(this.source, at, {
      code: "unexpected-token",
      sentence: `expected ${what}${where === "" ? "" : ` ${where}`}, found ${found}`,
      found,
      expected: what,
      hint,
    });
  }

  fail(details: SourceErrorDetails, at = this.at): never {
    if (this.problems.full) throw new TooManyErrors();
    throw new SourceError(this.source, at, details);
  }

  /** Notes a mistake that does not keep the parser from going on. */
  report(details: SourceErrorDetails, at: number): void {
    this.problems.report(this.source, at, details);
  }
}

function describeToken(token: Token): string {
  const text = token.text.length > 40 ? `${token.text.slice(0, 37)}...` : token.text;
  return token.kind === "string" ? `the string ${text}` : `"${text}"`;
}
