// Marshal layer: what can be wrong with a value that is encoded or with bytes that are decoded. One class, one table of
// codes. The path to the fault is put together while the error unwinds, so that success pays nothing for it.

/** Each code of a `MarshalError`, with what it says. Codes are stable: programs may switch on them. */
export const marshalErrorCodes = {
  "wrong-type": "The value is not of the field's type.",
  "out-of-range": "The number does not fit the field's type.",
  "lone-surrogate": "The text holds half of a surrogate pair: it has no UTF-8 form.",
  "unknown-kind": "A oneof's `kind` names none of its fields.",
  "unknown-name": "The enum has no value of that name, or, if it is closed, of that number.",
  "missing-field": "A required field is not set.",
  "live-object": "A function or a class instance stands where a message is expected: only plain data can be sent.",
  "too-deep": "More messages within messages than the limit allows, or a value that contains itself.",
  "too-large": "A message of a stream is longer than the limit allows.",
  truncated: "The bytes end inside a value, or a length passes the end.",
  "bad-varint": "A varint is longer than 10 bytes, or a tag longer than 32 bits.",
  "bad-tag": "A field number of 0 or a wire type that does not exist.",
  "bad-group": "A group ends that was not begun, or under another number.",
  "bad-text": "A string is not UTF-8.",
  "bad-syntax": "The text is no message in text format.",
  "bad-json": "The text is not JSON, or a property stands twice in one object.",
  "unknown-field": "JSON or text format names a field that the message lacks.",
  "duplicate-field": "JSON or text format sets a field or a oneof twice, or JSON a key of a map.",
  "unknown-type": "The type of what an Any holds is not known.",
  "bad-descriptor": "A descriptor breaks protobuf's rules, or lacks what it refers to.",
} as const;

/** One of the codes in `marshalErrorCodes`. */
export type MarshalErrorCode = keyof typeof marshalErrorCodes;

/** A value that cannot be encoded, or bytes that cannot be decoded. */
export class MarshalError extends Error {
  override readonly name = "MarshalError";
  readonly code: MarshalErrorCode;
  /** Decoding: index in the bytes given of what could not be read. */
  readonly offset: number | undefined;
  /** Where the fault lies, as one would write it in TypeScript: `entries[3].name`. `""` is the message itself. */
  path: string;
  /** Text format: where in the text the fault lies, counted from 1, columns in UTF-16 units. */
  readonly position: { readonly line: number; readonly column: number } | undefined;
  /** What is wrong, without the place. */
  readonly detail: string;

  constructor(
    code: MarshalErrorCode,
    detail: string,
    place: {
      readonly path?: string;
      readonly offset?: number;
      readonly position?: { readonly line: number; readonly column: number };
      readonly cause?: unknown;
    } = {},
  ) {
    super(describe(detail, place), "cause" in place ? { cause: place.cause } : undefined);
    this.code = code;
    this.path = place.path ?? "";
    this.offset = place.offset;
    this.position = place.position;
    this.detail = detail;
  }

  /** Puts `segment` before the path: an outer field's name, or `name[3]` of a list. For encoders that let an error pass. */
  prepend(segment: string): this {
    const joined = this.path === "" || segment === "" || this.path.startsWith("[");
    this.path = joined ? segment + this.path : `${segment}.${this.path}`;
    this.message = describe(this.detail, this);
    return this;
  }
}

function describe(
  detail: string,
  { path = "", offset, position }: Partial<Pick<MarshalError, "path" | "offset" | "position">>,
): string {
  const where = path === "" ? "" : `${path}: `;
  const byte = offset === undefined ? "" : ` (at byte ${offset})`;
  const line = position === undefined ? "" : ` (at line ${position.line}, column ${position.column})`;
  return `${where}${detail}${byte}${line}`;
}

/** Adds the field that an error passes on its way out; errors of other kinds stay as they are. */
export function inField(error: unknown, segment: string): unknown {
  return error instanceof MarshalError ? error.prepend(segment) : error;
}

/** The entry of a map in a path: `["a"]`, `[5]`. */
export function entrySegment(key: unknown): string {
  if (typeof key === "string") return `[${JSON.stringify(key)}]`;
  const isPlain = typeof key !== "object" && typeof key !== "function";
  return `[${isPlain ? String(key) : nameOfValue(key)}]`;
}

/** The error for a value of another type than `expected`. */
export function wrongType(expected: string, value: unknown, path: string): MarshalError {
  return new MarshalError("wrong-type", `expected ${expected}, got ${nameOfValue(value)}`, { path });
}

/** The error for a number that `type` cannot hold. */
export function outOfRange(type: string, value: number | bigint, path: string): MarshalError {
  return new MarshalError("out-of-range", `${value} is not ${type}`, { path });
}

/** The error for a required field that is not set. */
export function missingField(path: string): MarshalError {
  return new MarshalError("missing-field", "a required field is not set", { path });
}

/** What a value is, in a few words, for messages. Never its content, which may be secret. */
export function nameOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return value === undefined ? "undefined" : `a ${typeof value}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  const maker = (prototype as { readonly constructor?: unknown } | null)?.constructor;
  return typeof maker === "function" && maker !== Object ? `an instance of ${maker.name}` : "an object";
}
