// Marshal layer, ProtoJSON: JSON values as text. Unlike `JSON.stringify` it keeps the sign of -0.
import type { JsonValue } from "./json-value.ts";

/** Prints a value on one line, or with `indent` spaces a level. */
export function printJson(value: JsonValue, indent = 0): string {
  return print(value, indent === 0 ? undefined : " ".repeat(indent), "\n");
}

function print(value: JsonValue, indent: string | undefined, lineStart: string): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent === undefined ? "" : lineStart + indent;
  const isArray = Array.isArray(value);
  const items = isArray
    ? (value as readonly JsonValue[]).map((item) => print(item, indent, inner))
    : Object.entries(value).map(([name, item]) => {
        const colon = indent === undefined ? ":" : ": ";
        return `${JSON.stringify(name)}${colon}${print(item, indent, inner)}`;
      });
  const [open, close] = isArray ? "[]" : "{}";
  if (items.length === 0) return `${open}${close}`;
  return `${open}${inner}${items.join(`,${inner}`)}${indent === undefined ? "" : lineStart}${close}`;
}
