// Marshal layer, builder: what is wrong with a contract written in TypeScript. Thrown where it is written, at once.

/**
 * Why a definition is refused. `bad-name`: not a name; `bad-number`: not a field number; `duplicate`: a name or number is
 * given twice; `reserved`: it must not be used again; `bad-type`: a type that cannot stand there; `bad-option`: an option's
 * value that means nothing.
 */
export type DefinitionErrorCode = "bad-name" | "bad-number" | "duplicate" | "reserved" | "bad-type" | "bad-option";

/** A contract that contradicts itself or protobuf's rules. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly code: DefinitionErrorCode;
  /** The message, enum or service, and the field, value or method in it: `dirs.MakeDirArgs.path`. */
  readonly subject: string;

  constructor(code: DefinitionErrorCode, subject: string, detail: string) {
    super(`${subject}: ${detail}`);
    this.code = code;
    this.subject = subject;
  }
}
