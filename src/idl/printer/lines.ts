// IDL layer, printer: the output, line by line, with comments where the parser will find them again.
import type { Comments } from "../descriptor.ts";

/** Lines under way. */
export class Lines {
  readonly #lines: string[] = [];
  #indent = "";

  /** Adds a line; `""` is a blank one, of which no two follow each other. */
  add(line: string): void {
    if (line === "") this.#blank();
    else for (const part of line.split("\n")) this.#lines.push(`${this.#indent}${part}`);
  }

  /** Adds a declaration that ends in `;` or `{`, with its comments. */
  declare(line: string, { leading, trailing, detached = [] }: Comments): void {
    for (const comment of detached) {
      // Without a blank line before it, it would trail what stands above.
      this.#blank();
      this.#comment(comment);
      this.#blank();
    }
    if (leading !== undefined) this.#comment(leading);
    const sameLine = trailing !== undefined && !trailing.includes("\n");
    this.add(sameLine ? `${line} // ${trailing}` : line);
    if (trailing === undefined || sameLine) return;
    this.#comment(trailing);
    this.#blank();
  }

  /** What `print` adds is one step further in. */
  inside(print: () => void): void {
    const before = this.#indent;
    this.#indent += "  ";
    print();
    this.#indent = before;
  }

  toString(): string {
    return `${this.#lines.join("\n").trimEnd()}\n`;
  }

  #blank(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== "") this.#lines.push("");
  }

  #comment(text: string): void {
    for (const line of text.split("\n"))
      this.#lines.push(line === "" ? `${this.#indent}//` : `${this.#indent}// ${line}`);
  }
}
