// IDL layer, generator: values as TypeScript source text.

/** A value of an outline or an option: plain data, bigints and bytes. */
export type Literal = string | number | bigint | boolean | Uint8Array | readonly Literal[] | LiteralRecord;
/** An object with plain data; what is `undefined` is left out. */
export interface LiteralRecord {
  readonly [name: string]: Literal | undefined;
}

const maxLineChars = 110;

/** Source text of `value`, on one line when it fits behind `indent` spaces. */
export function formatLiteral(value: Literal, indent = 0): string {
  const line = formatOnLine(value);
  if (line.length + indent <= maxLineChars || !isComposite(value)) return line;
  const inner = " ".repeat(indent + 2);
  const items = Array.isArray(value)
    ? (value as readonly Literal[]).map((item) => formatLiteral(item, indent + 2))
    : entriesOf(value as LiteralRecord).map(
        ([name, item]) => `${formatName(name)}: ${formatLiteral(item, indent + 2)}`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${" ".repeat(indent)}${close}`;
}

function isComposite(value: Literal): boolean {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

function entriesOf(record: LiteralRecord): [string, Literal][] {
  return Object.entries(record).filter((entry): entry is [string, Literal] => entry[1] !== undefined);
}

function formatOnLine(value: Literal): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "boolean") return String(value);
  if (value instanceof Uint8Array) return `globalThis.Uint8Array.of(${value.join(", ")})`;
  if (Array.isArray(value)) return `[${(value as readonly Literal[]).map(formatOnLine).join(", ")}]`;
  const entries = entriesOf(value as LiteralRecord);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([name, item]) => `${formatName(name)}: ${formatOnLine(item)}`).join(", ")} }`;
}

/** A property's name in an object literal. `__proto__` is computed: written plainly it would set the prototype. */
export function formatName(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
