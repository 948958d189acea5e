// Example, demo: what the audience sees: chapters, sentences and aligned rows; colours only on a terminal that wants them.
import { styleText } from "node:util";

/** Something that the demo shows is not as it says. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

/** Holds a claim against what was seen. */
export function check(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new DemoFailure(claim);
}

type Style = "bold" | "dim" | "green" | "cyan" | "red";

export class Stage {
  readonly #write: (text: string) => void;
  readonly #coloured: boolean;
  #chapters = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#write = (text) => stream.write(text);
    this.#coloured = stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  }

  /** Begins a chapter. */
  chapter(title: string): void {
    this.#chapters++;
    this.#write(`\n${this.style("bold", `${this.#chapters}  ${title}`)}\n`);
  }

  /** A sentence that explains. */
  say(text: string): void {
    this.#write(`   ${this.style("dim", text)}\n`);
  }

  /** What was typed at a prompt. */
  prompt(command: string): void {
    this.#write(`   ${this.style("cyan", "$")} ${command}\n`);
  }

  /** A line as a program printed it. */
  line(text: string): void {
    this.#write(`   ${text}\n`);
  }

  /** Rows in columns; the first is what is done, the last explains. Numbers are written by the caller. */
  rows(rows: readonly (readonly string[])[]): void {
    const columns = Math.max(...rows.map((row) => row.length));
    const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
    for (const row of rows) {
      const cells = row.map((cell, at) => {
        if (at > 0 && at === columns - 1) return this.style("dim", cell);
        return at === row.length - 1 ? cell : cell.padEnd(widths[at] as number);
      });
      this.#write(`   ${cells.join("  ").trimEnd()}\n`);
    }
  }

  /** The last words: how it went, and where to go on. */
  end(verdict: string, pointer: string): void {
    this.#write(`\n   ${this.style("green", verdict)} ${pointer}\n`);
  }

  style(style: Style, text: string): string {
    return this.#coloured ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** A duration for people: three digits and the unit. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(ms < 0.01 ? 1 : 0)} us`;
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
