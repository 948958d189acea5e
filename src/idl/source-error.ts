// IDL layer: what is wrong with a `.proto` file, said so that it can be switched on, shown and mended.
// It never prints: `format` gives the text that a terminal or an editor shows.
import type { Source } from "./source.ts";

/** What is wrong, to switch on. The names are stable; new ones may come. */
export type SourceErrorCode =
  // the text
  | "file-too-large"
  | "unexpected-character"
  | "unterminated-comment"
  | "unterminated-string"
  | "bad-escape"
  | "bad-number"
  // the grammar
  | "unexpected-token"
  | "too-deep"
  | "unsupported-syntax"
  | "unstated-syntax"
  | "misplaced-statement"
  | "bad-label"
  | "bad-group"
  // imports
  | "import-not-found"
  | "import-cycle"
  | "import-twice"
  | "too-many-files"
  | "unused-import"
  // names and types
  | "duplicate-name"
  | "json-name-conflict"
  | "reserved-name"
  | "unknown-type"
  | "not-imported"
  | "wrong-kind"
  | "bad-map"
  | "empty-oneof"
  | "bad-extension"
  // numbers
  | "number-out-of-range"
  | "duplicate-number"
  | "reserved-number"
  | "bad-range"
  | "empty-enum"
  | "first-enum-value"
  | "enum-alias"
  // options
  | "unknown-option"
  | "bad-option-value"
  | "option-set-twice"
  | "option-misused";

/** What a `SourceError` says beside its place. */
export interface SourceErrorDetails {
  readonly code: SourceErrorCode;
  /** One sentence without a full stop, such as `expected ";" after the field, found "}"`. */
  readonly sentence: string;
  /** What stands there. */
  readonly found?: string | undefined;
  /** What could stand there. */
  readonly expected?: string | undefined;
  /** What to do about it, when that is not plain from the sentence. */
  readonly hint?: string | undefined;
  /** Default "error". */
  readonly severity?: "error" | "warning";
}

/**
 * Something wrong at one place of a `.proto` file. Parsing and linking return these in lists and do not throw them.
 * `message` is one line with the place: `dirs.proto:7:12: expected ";" after the field, found "}"`.
 */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;
  readonly severity: "error" | "warning";
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** The message without the place. */
  readonly sentence: string;
  readonly found: string | undefined;
  readonly expected: string | undefined;
  readonly hint: string | undefined;
  /** The whole line that it is about. */
  readonly sourceLine: string;

  constructor(source: Source, offset: number, details: SourceErrorDetails) {
    const { line, column } = source.position(offset);
    super(`${source.name}:${line}:${column}: ${details.sentence}`);
    this.code = details.code;
    this.severity = details.severity ?? "error";
    this.file = source.name;
    this.line = line;
    this.column = column;
    this.sentence = details.sentence;
    this.found = details.found;
    this.expected = details.expected;
    this.hint = details.hint;
    this.sourceLine = source.line(line);
  }

  /** The message, the source line with a caret below the place, and the hint: several lines, the last without an end. */
  format(): string {
    const gutter = String(this.line);
    const blank = " ".repeat(gutter.length);
    // Tabs are kept in front of the caret, so that it lands below its character however wide the terminal draws them.
    const indent = this.sourceLine.slice(0, this.column - 1).replace(/[^\t]/g, " ");
    const lines = [this.severity === "warning" ? `${this.message} (warning)` : this.message];
    if (this.sourceLine.length <= 400) {
      lines.push(` ${gutter} | ${this.sourceLine}`, ` ${blank} | ${indent}^`);
    }
    if (this.hint !== undefined) lines.push(` ${blank} = ${this.hint}`);
    return lines.join("\n");
  }
}

/** A list of problems that stops growing at a bound and takes one problem of a kind for a place. */
export class Problems {
  readonly errors: SourceError[] = [];
  readonly warnings: SourceError[] = [];
  readonly #maxErrors: number;
  readonly #seen = new Set<string>();

  constructor(maxErrors: number) {
    this.#maxErrors = maxErrors;
  }

  /** No further error is taken: what comes would only bury the first ones. */
  get full(): boolean {
    return this.errors.length >= this.#maxErrors;
  }

  add(error: SourceError): void {
    const list = error.severity === "warning" ? this.warnings : this.errors;
    if (list.length >= this.#maxErrors) return;
    const key = `${error.file}:${error.line}:${error.column}:${error.code}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    list.push(error);
  }

  /** Adds a problem at `offset` of `source`. */
  report(source: Source, offset: number, details: SourceErrorDetails): void {
    if (this.full && details.severity !== "warning") return;
    this.add(new SourceError(source, offset, details));
  }
}
