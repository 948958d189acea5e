// Example, directories: what both programs say on the command line.

/** Where the server listens unless it is told otherwise. */
export const defaultAddress = "tcp://127.0.0.1:12345";

/** Ends the program with a sentence: 1 for work that failed, 2 for a misused command. */
export function exitWith(status: 1 | 2, sentence: string): never {
  console.error(sentence);
  process.exit(status);
}

/** What `read` returns; where it throws, the program ends with its reason and the usage. */
export function readOrExit<Arguments>(usage: string, read: () => Arguments): Arguments {
  try {
    return read();
  } catch (error) {
    return exitWith(2, `${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
