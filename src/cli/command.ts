// The command line: what a command is, and how it says that it was misused or failed.
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Terminal } from "./terminal.ts";

/** One command: `farcall <name> ...`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `farcall <name> --help` prints. */
  readonly help: string;
  /** Returns when all is done. Throws a `UsageError` or a `CommandError`. */
  run(args: readonly string[], terminal: Terminal): Promise<void> | void;
}

/** The command was called in a way that it does not know: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command was understood and could not do its work. Lines with all that the user should know. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** The exit status: 1, or another for a command where 1 is an answer. */
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Options of a command, as `util.parseArgs` takes them. */
export type CommandOptions = NonNullable<ParseArgsConfig["options"]>;

const helpOption = { help: { type: "boolean", short: "h" } } as const;

/** Arguments as read: `values` by option name, and `positionals`. */
export type Arguments<Options extends CommandOptions> = ReturnType<
  typeof parseArgs<{ options: Options & typeof helpOption; allowPositionals: true; strict: true }>
>;

/** Reads a command's arguments; what `options` lacks is a `UsageError`. `help` is always known. */
export function readArguments<const Options extends CommandOptions>(
  args: readonly string[],
  options: Options,
): Arguments<Options> {
  const known = { ...options, ...helpOption };
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const option = /'(-[^']*)'/.exec(message)?.[1] ?? "";
      throw new UsageError(
        `unknown option ${option}${suggest(
          option,
          Object.keys(known).map((name) => `--${name}`),
        )}`,
      );
    }
    if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
      const option = /'(?:-\w, )?(--[\w-]+)/.exec(message)?.[1] ?? "an option";
      throw new UsageError(
        message.includes("does not take an argument") ? `${option} takes no value` : `${option} needs a value`,
      );
    }
    throw error;
  }
}

/** `; did you mean X?` when one of `known` is near to `word`, else nothing. */
export function suggest(word: string, known: readonly string[]): string {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? `; did you mean ${best.candidate}?` : "";
}

/** How many letters must be added, removed or changed (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 0; at < other.length; at++) {
      const changed = (row[at] as number) + (letter === other[at] ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] as number) + 1, (next[at] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
