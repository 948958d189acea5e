// Benchmark, marshalling: our form of a value turned into that of another toolkit, and any toolkit's into one that can be
// compared.

/** What a toolkit calls things and how it holds them. */
export interface Forms {
  /** A property, which we write in camel case. */
  readonly name: (property: string) => string;
  readonly wide: (value: bigint) => unknown;
}

export const camelCase = (property: string): string => property;
/** `placedAt` as `placed_at`: as a `.proto` has it. */
export const snakeCase = (property: string): string =>
  property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const isEmpty = (value: unknown): boolean => value instanceof Uint8Array && value.length === 0;

/** A value with maps as objects. Empty bytes are left out: some toolkits write them when they are there. */
export function formOf(value: unknown, forms: Forms): unknown {
  if (typeof value === "bigint") return forms.wide(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => formOf(item, forms));
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, formOf(item, forms)]));
  const properties = Object.entries(value).filter(([, item]) => !isEmpty(item));
  return Object.fromEntries(properties.map(([name, item]) => [forms.name(name), formOf(item, forms)]));
}

/** A 64-bit number of protobuf.js is an object of two halves. */
const isLong = (value: object): boolean => "low" in value && "high" in value && "unsigned" in value;

/** It says no more than that a field is not set. */
const isDefault = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === 0 ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

/**
 * What a value says, whoever decoded it: numbers of 64 bits as numbers, bytes as base64, names in camel case, sorted, and
 * what is not set, or as good as not set, left out. Toolkits' own properties, which begin with `$`, are none of the message.
 */
export function meaningOf(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(meaningOf);
  if (isLong(value)) return Number(value.toString());
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  const said = entries
    .filter(([name]) => !name.startsWith("$"))
    .map(([name, item]): [string, unknown] => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      meaningOf(item),
    ])
    .filter(([, item]) => !isDefault(item));
  return Object.fromEntries(said.sort(([a], [b]) => (a < b ? -1 : 1)));
}
