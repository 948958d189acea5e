// Marshal layer, text format: the lines of a message that is being written, indented or all in one.

/** Collects text. */
export class TextLines {
  readonly #pieces: string[] = [];
  /** Spaces a level; 0: all on one line. */
  readonly #indent: number;
  #level = 0;

  constructor(indent: number) {
    this.#indent = indent;
  }

  add(text: string): void {
    if (this.#indent > 0) this.#pieces.push(" ".repeat(this.#indent * this.#level), text, "\n");
    else this.#pieces.push(this.#pieces.length === 0 ? text : ` ${text}`);
  }

  /** `head {`, what `write` adds, `}`. */
  block(head: string, write: () => void): void {
    this.add(`${head} {`);
    this.#level++;
    write();
    this.#level--;
    this.add("}");
  }

  toString(): string {
    return this.#pieces.join("");
  }
}
