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

function createOutput(stream: NodeJS.WriteStream): Output {
  const closing = new AbortController();
  // Who reads our output may leave early: that is no failure of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closing.abort(error);
  });
  const coloured = stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return {
    closed: closing.signal,
    line: (text) => stream.write(`${text}\n`),
    style: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
  };
}
