// Marshal layer, builder: what is wrong with a contract written in TypeScript. Thrown where it is written, at once.

/** Why a definition is refused. */
export type DefinitionErrorCode =
  /** It is not a name. */
  | "bad-name"
  /** It is not a field number. */
  | "bad-number"
  /** A name or number is given twice. */
  | "duplicate"
  /** It must not be used again. */
  | "reserved"
  /** A type that cannot stand there. */
  | "bad-type"
  /** An option's value that means nothing. */
  | "bad-option";

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
