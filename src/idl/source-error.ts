// IDL layer: what is wrong with a `.proto` file, said so that it can be switched on, shown and mended.
// It never prints: `format` gives the text that a terminal or an editor shows.
import type { Source } from "./source.ts";

/** What is wrong, to switch on. The names are stable; new ones may come. */
export type SourceErrorCode =
  /** The file is over `maxFileChars`. */
  | "file-too-large"
  /** A character that no token begins with. */
  | "unexpected-character"
  /** A comment that does not end. */
  | "unterminated-comment"
  /** A string that does not end in its line. */
  | "unterminated-string"
  /** A backslash in a string that says nothing. */
  | "bad-escape"
  /** A number that is not written as one. */
  | "bad-number"
  /** Something else should stand here; the sentence says what. */
  | "unexpected-token"
  /** More levels than `maxDepth`. */
  | "too-deep"
  /** A syntax or an edition that is not known. */
  | "unsupported-syntax"
  /** No syntax is stated; proto2 is meant then. Say it. */
  | "unstated-syntax"
  /** A statement that may not stand here. */
  | "misplaced-statement"
  /** A label that this field may not have, or that it lacks. */
  | "bad-label"
  /** A group where there may be none, or whose name is wrong. */
  | "bad-group"
  /** No folder has the imported file. */
  | "import-not-found"
  /** Files import each other in a circle. */
  | "import-cycle"
  /** A file is imported twice. */
  | "import-twice"
  /** More files than `maxFiles`. */
  | "too-many-files"
  /** Nothing of an imported file is used. */
  | "unused-import"
  /** A name is given twice in one scope. */
  | "duplicate-name"
  /** Two fields have the same name in JSON. */
  | "json-name-conflict"
  /** The name is reserved. */
  | "reserved-name"
  /** No such type is known. */
  | "unknown-type"
  /** The type is known, but its file is not imported. */
  | "not-imported"
  /** The name stands for something of another kind. */
  | "wrong-kind"
  /** A map where there may be none, or a key or value that maps may not have. */
  | "bad-map"
  /** A oneof without fields. */
  | "empty-oneof"
  /** An extension of what may not be extended so. */
  | "bad-extension"
  /** A number that fields or values may not have. */
  | "number-out-of-range"
  /** A number is given twice. */
  | "duplicate-number"
  /** The number is reserved. */
  | "reserved-number"
  /** A range that ends before it begins. */
  | "bad-range"
  /** An enum without values. */
  | "empty-enum"
  /** The first value of an open enum is not 0. */
  | "first-enum-value"
  /** Two values share a number without `allow_alias`, or none does with it. */
  | "enum-alias"
  /** No such option is known. */
  | "unknown-option"
  /** A value that the option may not have. */
  | "bad-option-value"
  /** An option is set twice. */
  | "option-set-twice"
  /** An option that may not stand here. */
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

  /**
   * The message, the source line with a caret below the place, and the hint: several lines, the last without an end.
   */
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
