// IDL layer: names that follow from other names: JSON names, TypeScript properties, map entries.
// https://protobuf.dev/programming-guides/json/ and descriptor.proto's `json_name`.

/** The JSON name a field has when it gives none: underscores go, and the letter behind each is made upper case. */
export function defaultJsonName(name: string): string {
  let json = "";
  let raise = false;
  for (const letter of name) {
    if (letter === "_") {
      raise = true;
      continue;
    }
    json += raise ? letter.replace(/[a-z]/, (lower) => lower.toUpperCase()) : letter;
    raise = false;
  }
  return json;
}

/** The name of the message that holds one entry of a map field: `by_name` -> `ByNameEntry`. */
export function mapEntryName(field: string): string {
  return `${field.replace(/(?:^_*|_+)([a-z])?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? "")}Entry`;
}

/**
 * The name of the oneof that descriptor.proto puts a proto3 `optional` field into: the field's behind one `_`, and `X` before
 * that while it is `taken`: by a field or a oneof of the message, or a name that this function gave.
 */
export function syntheticOneofName(field: string, taken: Set<string>): string {
  let name = field.startsWith("_") ? field : `_${field}`;
  while (taken.has(name)) name = `X${name}`;
  taken.add(name);
  return name;
}

/** Names that every object has already, or that make it something else: an object with `then` counts as a promise. */
const takenNames: ReadonlySet<string> = new Set([
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "then",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/**
 * Hands out property names that are safe on a JavaScript object and unlike each other: `$` is added where needed, then
 * `$2`, `$3` and so on. No name of a `.proto` file holds a `$`.
 */
export class LocalNames {
  readonly #counts = new Map<string, number>();

  /** The property of a field or oneof: `is_directory` -> `isDirectory`. */
  ofField(name: string): string {
    // A name of underscores and nothing else leaves no letter to name a property with.
    return this.#claim(defaultJsonName(name) || name);
  }

  /** The property of a method: `MakeDirectory` -> `makeDirectory`. */
  ofMethod(name: string): string {
    return this.#claim(name.replace(/^[A-Z]/, (letter) => letter.toLowerCase()));
  }

  #claim(wanted: string): string {
    const count = (this.#counts.get(wanted) ?? (takenNames.has(wanted) ? 1 : 0)) + 1;
    this.#counts.set(wanted, count);
    return count === 1 ? wanted : `${wanted}$${count === 2 ? "" : count - 1}`;
  }
}

/** The part of a full name before its last dot: the scope it is declared in. */
export function scopeOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));
}

/** `name` declared in `scope`. */
export function joinName(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
