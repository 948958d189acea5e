// RPC layer: metadata, the names and values that travel beside a call's messages. Knows no wire form.

/** A value: text, or bytes where the name ends in `-bin`. */
export type MetadataValue = string | Uint8Array;

/** What may be given where metadata is taken: a record, pairs, or metadata. */
export type MetadataInit =
  | Metadata
  | Iterable<readonly [string, MetadataValue]>
  | { readonly [name: string]: MetadataValue | readonly MetadataValue[] };

/** Which rule metadata breaks. */
export type MetadataErrorCode =
  /** The name has other characters than letters, digits, `_`, `.` and `-`. */
  | "BAD_NAME"
  /** The name is one that the protocols below write themselves. */
  | "RESERVED_NAME"
  /** The value is not printable ASCII; give bytes, under a name that ends in `-bin`. */
  | "BAD_VALUE";

/** Metadata that breaks a rule. `metadataName` is the name at fault. */
export class MetadataError extends Error {
  override readonly name = "MetadataError";
  readonly code: MetadataErrorCode;
  readonly metadataName: string;

  constructor(code: MetadataErrorCode, metadataName: string, message: string) {
    super(message);
    this.code = code;
    this.metadataName = metadataName;
  }
}

const goodName = /^[0-9A-Za-z_.-]+$/;
// A field value has no blank at either end (RFC 9113 section 8.2.1): the peer would refuse all that comes with it.
const goodText = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;
/** Names that the protocols below write themselves, or keep to themselves when they come. */
const ownNames = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "date",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

/**
 * Names and values in order; a name may have many values. Names are lower-case letters, digits, `_`, `-` and `.`; text is
 * printable ASCII without blanks at its ends; names that end in `-bin` have bytes. Names beginning with `grpc-` or
 * `farcall-` are the protocol's.
 */
export class Metadata implements Iterable<readonly [string, MetadataValue]> {
  readonly #names: string[] = [];
  readonly #values: MetadataValue[] = [];

  constructor(init?: MetadataInit) {
    if (init === undefined) return;
    if (Symbol.iterator in init) {
      for (const [name, value] of init as Iterable<readonly [string, MetadataValue]>) this.append(name, value);
      return;
    }
    for (const [name, value] of Object.entries(init)) {
      if (Array.isArray(value)) for (const one of value as readonly MetadataValue[]) this.append(name, one);
      else this.append(name, value as MetadataValue);
    }
  }

  get size(): number {
    return this.#names.length;
  }

  /** The first value of `name`. */
  get(name: string): MetadataValue | undefined {
    const index = this.#names.indexOf(name.toLowerCase());
    return index < 0 ? undefined : this.#values[index];
  }

  getAll(name: string): MetadataValue[] {
    const wanted = name.toLowerCase();
    return this.#values.filter((_, index) => this.#names[index] === wanted);
  }

  has(name: string): boolean {
    return this.#names.includes(name.toLowerCase());
  }

  /** Adds a value behind those that `name` has. Throws a `MetadataError`. */
  append(name: string, value: MetadataValue): this {
    const key = checkName(name);
    checkValue(key, value);
    this.#names.push(key);
    this.#values.push(value);
    return this;
  }

  /** Puts a value in the place of all that `name` has. Throws a `MetadataError`. */
  set(name: string, value: MetadataValue): this {
    checkValue(checkName(name), value);
    this.delete(name);
    return this.append(name, value);
  }

  delete(name: string): boolean {
    const wanted = name.toLowerCase();
    let found = false;
    for (let index = this.#names.length - 1; index >= 0; index--) {
      if (this.#names[index] !== wanted) continue;
      this.#names.splice(index, 1);
      this.#values.splice(index, 1);
      found = true;
    }
    return found;
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, MetadataValue]> {
    for (let index = 0; index < this.#names.length; index++) {
      yield [this.#names[index] as string, this.#values[index] as MetadataValue];
    }
  }

  /** Each name with all its values. */
  toJSON(): Record<string, MetadataValue[]> {
    const record: Record<string, MetadataValue[]> = Object.create(null);
    for (const [name, value] of this) {
      record[name] ??= [];
      record[name].push(value);
    }
    return record;
  }

  /** What `console.log` and `util.inspect` show of it on Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, MetadataValue[]> {
    return this.toJSON();
  }
}

function checkName(name: string): string {
  if (!goodName.test(name)) {
    const rule = "use letters, digits, '_', '-' and '.'";
    throw new MetadataError("BAD_NAME", name, `metadata name ${JSON.stringify(name)} is not allowed: ${rule}`);
  }
  const key = name.toLowerCase();
  if (key.startsWith("grpc-") || key.startsWith("farcall-") || ownNames.has(key)) {
    throw new MetadataError("RESERVED_NAME", name, `metadata name "${key}" is written by the protocol itself`);
  }
  return key;
}

function checkValue(name: string, value: MetadataValue): void {
  const binary = name.endsWith("-bin");
  if (binary ? !(value instanceof Uint8Array) : typeof value !== "string") {
    const rule = binary ? "ends in -bin and takes a Uint8Array" : "takes text; a name for bytes ends in -bin";
    throw new MetadataError("BAD_VALUE", name, `metadata name "${name}" ${rule}`);
  }
  if (typeof value === "string" && !goodText.test(value)) {
    throw new MetadataError(
      "BAD_VALUE",
      name,
      `the value of "${name}" is not printable ASCII without blanks at its ends; use a name ending in -bin`,
    );
  }
}
