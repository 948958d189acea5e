// IDL layer: what bounds the parser and the linker. All work is linear in the size of what these let in.

/** Bounds on `.proto` texts. Every default is finite. */
export interface IdlLimits {
  /** UTF-16 units of one file. Default 16 Mi. */
  readonly maxFileChars: number;
  /** Messages within messages, and option values within option values. Default 100. */
  readonly maxDepth: number;
  /** Errors kept (and warnings likewise); later ones are dropped. Default 100. */
  readonly maxErrors: number;
  /** Files of one `linkFiles`, imported ones included. Default 2,000. */
  readonly maxFiles: number;
}

/** The limits in force where none are given. */
export const defaultIdlLimits: IdlLimits = {
  maxFileChars: 16 * 1024 * 1024,
  maxDepth: 100,
  maxErrors: 100,
  maxFiles: 2_000,
};
