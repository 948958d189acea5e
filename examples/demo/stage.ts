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

const margin = "    ";
/** Longer lines are hard to read, on however wide a terminal. */
const maxColumns = 110;
const minColumns = 40;
/** What the last column of a table needs at least, to be wrapped within it. */
const minWrapped = 14;

export class Stage {
  readonly #write: (text: string) => void;
  readonly #coloured: boolean;
  /** Letters in a line, behind the margin. */
  readonly #room: number;
  #chapters = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#write = (text) => stream.write(text);
    this.#room = Math.max(Math.min(stream.columns || maxColumns, maxColumns), minColumns) - margin.length;
    this.#coloured = stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  }

  /** Begins a chapter. */
  chapter(title: string): void {
    this.#chapters++;
    this.#write(`\n${this.style("bold", `${`${this.#chapters}`.padStart(margin.length - 2)}  ${title}`)}\n`);
  }

  /** A sentence that explains. */
  say(text: string): void {
    for (const line of wrap(text, this.#room)) this.#write(`${margin}${this.style("dim", line)}\n`);
  }

  /** What was typed at a prompt. */
  prompt(command: string): void {
    const [first = "", ...rest] = wrap(command, this.#room - 2);
    this.#write(`${margin}${this.style("cyan", "$")} ${first}\n`);
    for (const line of rest) this.#write(`${margin}  ${line}\n`);
  }

  /** A line as a program printed it. */
  line(text: string): void {
    for (const line of wrap(text, this.#room)) this.#write(`${margin}${line}\n`);
  }

  /** Rows in columns; the last explains. Numbers are written by the caller. */
  rows(rows: readonly (readonly string[])[]): void {
    const widths = widthsOf(rows);
    for (const row of rows)
      this.#row(row, widths, (cell, at) => (at === widths.length ? this.style("dim", cell) : cell));
  }

  /** Rows under a first one that names the columns. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = widthsOf(rows);
    for (const row of rows) this.#row(row, widths, (cell) => (row === rows[0] ? this.style("dim", cell) : cell));
  }

  /** What is what. */
  facts(facts: readonly (readonly [name: string, value: string])[]): void {
    const widths = widthsOf(facts);
    for (const fact of facts) this.#row(fact, widths, (cell, at) => (at === 0 ? this.style("dim", cell) : cell));
  }

  /** Writes one row; its last cell is wrapped within its column, or below the row where that has no room. */
  #row(row: readonly string[], widths: readonly number[], look: (cell: string, at: number) => string): void {
    const room = this.#room - widths.reduce((sum, width) => sum + width + 2, 0);
    const before = widths.map((width, at) => (row[at] ?? "").padEnd(width));
    const last = row[widths.length] ?? "";
    const fits = last.length <= room || room >= minWrapped;
    const lines = fits ? wrap(last, Math.max(room, 1)) : ["", ...wrap(last, this.#room - 2)];
    for (const [line, text] of lines.entries()) {
      const blank = fits ? before.map(({ length }) => " ".repeat(length)) : [""];
      const cells = (line === 0 ? before : blank).map(look);
      this.#write(`${margin}${[...cells, look(text, widths.length)].join("  ").trimEnd()}\n`);
    }
  }

  /** The last words: how it went, and where to go on. */
  end(verdict: string, pointer: string): void {
    this.#write(`\n${margin}${this.style("green", verdict)}\n`);
    this.say(pointer);
  }

  style(style: Style, text: string): string {
    return this.#coloured && text.trim() !== "" ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** The widths of all columns but the last. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: columns - 1 }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
}

/** Cuts a text into lines behind its spaces and commas; a word that is longer than a line is cut where the line ends. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=[ ,])/)) {
    if ((line + word).trimEnd().length > columns && line !== "") {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
    for (; line.trimEnd().length > columns; line = line.slice(columns)) lines.push(line.slice(0, columns));
  }
  lines.push(line.trimEnd());
  return lines;
}

/** A duration for people: three digits and the unit. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(ms < 0.01 ? 1 : 0)} us`;
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
