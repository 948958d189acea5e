// IDL layer, printer: options and their values. Message values are in protobuf's text format.
import type { FieldType, MessageDescriptor, Options, OptionValue } from "../descriptor.ts";
import { mapEntryName } from "../names.ts";
import type { Place, References } from "./references.ts";

/** `name = value` for each option; a repeated one gives several. */
export function formatOptions(options: Options, place: Place, references: References): readonly string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const custom = /^\((.*)\)$/.exec(key)?.[1];
    const name = custom === undefined ? key : `(${references.write(custom, place)})`;
    const type = custom === undefined ? undefined : references.extensions.get(custom)?.type;
    if (key === "features" && isFlat(value)) {
      return formatOptions(value, place, references).map((feature) => `features.${feature}`);
    }
    const values = Array.isArray(value) ? (value as readonly OptionValue[]) : [value];
    return values.map((item) => `${name} = ${formatValue(item, type, references)}`);
  });
}

/** Features are set one by one, as one would write them, where there are any. */
function isFlat(value: OptionValue): value is Options {
  return (
    typeof value === "object" &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    Object.keys(value).length > 0
  );
}

const maxLineChars = 100;

/** `[a = b]` behind a blank, or nothing; one a line where they are long. */
export function formatOptionList(options: readonly string[]): string {
  if (options.length === 0) return "";
  const line = ` [${options.join(", ")}]`;
  if (line.length <= maxLineChars || options.length === 1) return line;
  return ` [\n${options.map((option) => `  ${option.replaceAll("\n", "\n  ")}`).join(",\n")}\n]`;
}

function formatValue(value: OptionValue, type: FieldType | undefined, references: References): string {
  if (typeof value === "string") return quoteText(value);
  if (value instanceof Uint8Array) return quoteBytes(value);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    return `[${(value as readonly OptionValue[]).map((item) => formatValue(item, type, references)).join(", ")}]`;
  }
  const record = value as Options;
  if (isIdentifier(record, type)) return record.identifier;
  const message = type?.kind === "message" ? type.message : undefined;
  return formatMessage(record, message, references);
}

/** A value's name and a message with one field `identifier` look alike; only the type tells them apart. */
function isIdentifier(
  record: Options,
  type: FieldType | undefined,
): record is Options & { readonly identifier: string } {
  if (type !== undefined) return type.kind === "enum";
  return Object.keys(record).join() === "identifier" && typeof record["identifier"] === "string";
}

function formatMessage(record: Options, message: MessageDescriptor | undefined, references: References): string {
  const entries = Object.entries(record).map(([key, value]) => {
    const custom = /^\((.*)\)$/.exec(key)?.[1];
    const name = custom === undefined ? key : `[${custom}]`;
    const type = custom === undefined ? typeOf(message, key) : references.extensions.get(custom)?.type;
    return `${name}: ${formatValue(value, type, references)}`;
  });
  if (entries.length === 0) return "{}";
  const line = `{ ${entries.join(", ")} }`;
  if (line.length <= maxLineChars && !line.includes("\n")) return line;
  return `{\n${entries.map((entry) => `  ${entry.replaceAll("\n", "\n  ")}`).join("\n")}\n}`;
}

function typeOf(message: MessageDescriptor | undefined, name: string): FieldType | undefined {
  const field = message?.fields.find((candidate) => candidate.name === name);
  if (field?.cardinality !== "map") return field?.type;
  const entry = message?.messages.find((inner) => inner.mapEntry && inner.name === mapEntryName(name));
  return entry === undefined ? undefined : { kind: "message", message: entry };
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

/** A literal for a text; characters beyond ASCII stay as they are. */
export function quoteText(text: string): string {
  return `"${[...text].map((unit) => escapeUnit(unit)).join("")}"`;
}

function quoteBytes(bytes: Uint8Array): string {
  const units = Array.from(bytes, (byte) => (byte < 128 ? escapeUnit(String.fromCharCode(byte)) : escapeOctal(byte)));
  return `"${units.join("")}"`;
}

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  if (unit === '"' || unit === "\\") return `\\${unit}`;
  if (unit === "\n") return "\\n";
  return code < 32 || code === 127 ? escapeOctal(code) : unit;
}

/** Three digits always, so that a digit behind it does not become part of it. */
function escapeOctal(code: number): string {
  return `\\${code.toString(8).padStart(3, "0")}`;
}
