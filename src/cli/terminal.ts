// The command line: where commands print. Colours only on a terminal, and not when NO_COLOR asks for none
// (https://no-color.org). What commands print for people goes through here, data for programs included.
import { styleText } from "node:util";

/** Styles that commands use. */
export type Style = "red" | "yellow" | "green" | "dim" | "bold";

/** One output. */
export interface Output {
  /** Prints a line. */
  line(text: string): void;
  /** Aborted when nobody reads it any more (`| head`): what is still to be printed is for nobody. */
  readonly closed: AbortSignal;
  /** `text` in a style, or as it is where styles are not shown. */
  style(style: Style, text: string): string;
  /** Shows how far a long work is, in place of what it showed before; the next line takes its place. On a terminal only. */
  progress(text: string): void;
}

/** What a command has in front of it. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
}

/** The terminal of this process. */
export function createTerminal(): Terminal {
  return { out: createOutput(process.stdout), err: createOutput(process.stderr) };
}

/** What an output needs of a stream. */
type Stream = Pick<NodeJS.WriteStream, "write" | "on"> & { readonly isTTY?: boolean; readonly columns?: number };

/** An output that prints to `stream`. */
export function createOutput(stream: Stream): Output {
  const closing = new AbortController();
  // Who reads our output may leave early: that is no failure of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closing.abort(error);
  });
  const isTerminal = stream.isTTY === true && process.env["TERM"] !== "dumb";
  const coloured = isTerminal && !process.env["NO_COLOR"];
  // To the line's begin, and all of it erased.
  const erase = "\r\u001b[2K";
  let shown = false;
  return {
    closed: closing.signal,
    line(text) {
      stream.write(`${shown ? erase : ""}${text}\n`);
      shown = false;
    },
    style: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
    progress(text) {
      if (!isTerminal) return;
      shown = text !== "";
      stream.write(`${erase}${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
  };
}
