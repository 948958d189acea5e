// Marshal layer, descriptor sets: the default values of proto2 fields, which `FieldDescriptorProto.default_value` holds as
// text: numbers in decimal, strings as they are, bytes with C escapes, enum values by name.
import type { DefaultValue, FieldType } from "../../idl/descriptor.ts";
import { decodeStringLiteral } from "../../idl/string-literal.ts";
import { MarshalError } from "../errors.ts";

/** The text of a default value of a field of `type`. */
export function formatDefault(value: DefaultValue, type: FieldType): string {
  if (value instanceof Uint8Array) return formatBytes(value);
  if (typeof value === "object") return value.identifier;
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  const isFloat = type.kind === "scalar" && (type.scalar === "float" || type.scalar === "double");
  return isFloat ? formatFloat(Number(value), type.scalar === "float") : String(value);
}

/** As protoc has it: C's `%g` with as few digits as give the same number again, of two choices. */
function formatFloat(value: number, single: boolean): string {
  const [few, many] = single ? [6, 9] : [15, 17];
  const short = formatGeneral(value, few as number);
  const back = single ? Math.fround(Number(short)) : Number(short);
  return back === value ? short : formatGeneral(value, many as number);
}

/** `%.<digits>g`. */
function formatGeneral(value: number, digits: number): string {
  const [mantissa = "", exponentText = "0"] = value.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < digits) return trimZeros(value.toFixed(Math.max(0, digits - 1 - exponent)));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${trimZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The value of a default's text. Throws a `MarshalError`. */
export function parseDefault(text: string, type: FieldType): DefaultValue {
  if (type.kind === "enum") return { identifier: text };
  if (type.kind === "message") throw unfit(text, "a message");
  const { scalar } = type;
  switch (scalar) {
    case "string":
      return text;
    case "bytes":
      return parseBytes(text);
    case "bool":
      if (text !== "true" && text !== "false") throw unfit(text, scalar);
      return text === "true";
    case "float":
    case "double":
      return parseFloatText(text);
    default: {
      if (!/^-?\d{1,20}$/.test(text)) throw unfit(text, scalar);
      return scalar.endsWith("64") ? BigInt(text) : Number(text);
    }
  }
}

function parseFloatText(text: string): number {
  const special = { inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY, nan: Number.NaN };
  if (Object.hasOwn(special, text)) return special[text as keyof typeof special];
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw unfit(text, "a number");
  return value;
}

function formatBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(8).padStart(3, "0")}`;
    else text += /["'\\]/.test(char) ? `\\${char}` : char;
  }
  return text;
}

function parseBytes(text: string): Uint8Array {
  const read = decodeStringLiteral(`"${text}"`);
  if (read.kind === "bytes") return read.bytes;
  throw unfit(text, "bytes with escapes");
}

function unfit(text: string, expected: string): MarshalError {
  return new MarshalError("bad-descriptor", `the default value ${JSON.stringify(text)} is not ${expected}`);
}
