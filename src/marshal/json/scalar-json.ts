// Marshal layer, ProtoJSON: scalars (protobuf.dev, "ProtoJSON Format"): 64-bit integers as strings, bytes as base64, what
// is not finite as "NaN", "Infinity" and "-Infinity".
import { formatBase64, parseBase64 } from "../../bytes/base64.ts";
import { isWellFormed } from "../../bytes/text.ts";
import type { ScalarType } from "../../idl/descriptor.ts";
import { type Int64Form, is64Bit } from "../../idl/int64-form.ts";
import { MarshalError, outOfRange, wrongType } from "../errors.ts";
import { int64InForm, isIntegerText } from "../int64-wires.ts";
import type { JsonValue } from "./json-value.ts";
import { parseNumberText, shortestFloat } from "./number-text.ts";

/** The range of an integer type, both ends included. */
interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

const int32: IntegerRange = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
const uint32: IntegerRange = { min: 0n, max: 2n ** 32n - 1n };
const int64: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const uint64: IntegerRange = { min: 0n, max: 2n ** 64n - 1n };

type IntegerType = Exclude<ScalarType, "double" | "float" | "bool" | "string" | "bytes">;
const ranges: { readonly [type in IntegerType]: IntegerRange } = {
  int32,
  sint32: int32,
  sfixed32: int32,
  uint32,
  fixed32: uint32,
  int64,
  sint64: int64,
  sfixed64: int64,
  uint64,
  fixed64: uint64,
};

const notFinite: { readonly [text: string]: number } = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** A value as JSON; `form` is that of a field's 64-bit integers. Throws a `MarshalError` for what an encoder would refuse. */
export function formatScalar(type: ScalarType, value: unknown, form?: Int64Form): JsonValue {
  switch (type) {
    case "bool":
      if (typeof value !== "boolean") throw wrongType("a boolean", value, "");
      return value;
    case "string":
      return checkText(value);
    case "bytes":
      if (!(value instanceof Uint8Array)) throw wrongType("a Uint8Array", value, "");
      return formatBase64(value, true);
    case "double":
    case "float":
      if (typeof value !== "number") throw wrongType("a number", value, "");
      return formatFloat(type, value);
    default:
      return formatInteger(type, value, form);
  }
}

function formatFloat(type: "double" | "float", value: number): JsonValue {
  const rounded = type === "float" ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) {
    if (Number.isFinite(value)) throw outOfRange("a float", value, "");
    return String(rounded);
  }
  return type === "float" ? shortestFloat(rounded) : rounded;
}

function formatInteger(type: IntegerType, value: unknown, form: Int64Form | undefined): JsonValue {
  const is64 = is64Bit(type);
  if (form === "string" && typeof value === "string" && isIntegerText(value)) {
    return String(checkRange(type, BigInt(value)));
  }
  if (typeof value !== "number" && !(is64 && typeof value === "bigint")) {
    throw wrongType(is64 ? "a bigint" : "a number", value, "");
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw outOfRange(`an ${type}`, value, "");
  const checked = checkRange(type, BigInt(value));
  if (!is64) return Number(checked);
  return String(form === undefined ? checked : int64InForm(checked, form));
}

function checkRange(type: IntegerType, value: bigint): bigint {
  const { min, max } = ranges[type];
  if (value >= min && value <= max) return value;
  throw outOfRange(type, value, "");
}

function checkText(value: unknown): string {
  if (typeof value !== "string") throw wrongType("a string", value, "");
  if (isWellFormed(value)) return value;
  throw new MarshalError("lone-surrogate", "the text holds half of a surrogate pair");
}

/** A field's value out of JSON; numbers may stand in quotes. Throws a `MarshalError`. */
export function parseScalar(type: ScalarType, json: unknown): unknown {
  switch (type) {
    case "bool":
      if (typeof json !== "boolean") throw wrongType("true or false", json, "");
      return json;
    case "string":
      return checkText(json);
    case "bytes": {
      const bytes = parseBase64(checkText(json));
      if (bytes === undefined) throw new MarshalError("wrong-type", "expected base64");
      return bytes;
    }
    case "double":
    case "float":
      return parseFloatJson(type, json);
    default:
      return parseInteger(type, json);
  }
}

function parseFloatJson(type: "double" | "float", json: unknown): number {
  if (typeof json === "string" && Object.hasOwn(notFinite, json)) return notFinite[json] as number;
  const value = Number(parseNumber(type, json));
  const rounded = type === "float" ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) throw outOfRange(type, value, "");
  return rounded;
}

function parseInteger(type: IntegerType, json: unknown): number | bigint {
  const value = parseNumber(type, json);
  const isExact = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!isExact) throw outOfRange(`an ${type} that a number holds exactly`, value, "");
  const checked = checkRange(type, BigInt(value));
  return type.endsWith("64") ? checked : Number(checked);
}

function parseNumber(type: ScalarType, json: unknown): number | bigint {
  if (typeof json === "number" || typeof json === "bigint") return json;
  const value = typeof json === "string" ? parseNumberText(json) : undefined;
  if (value !== undefined) return value;
  if (typeof json === "string") throw new MarshalError("wrong-type", `expected ${type}, got a string that is none`);
  throw wrongType(type, json, "");
}

/** A map's key out of a property's name. Throws a `MarshalError`. */
export function parseMapKey(type: ScalarType, name: string): unknown {
  if (type !== "bool") return parseScalar(type, name);
  if (name !== "true" && name !== "false") throw new MarshalError("wrong-type", 'expected "true" or "false" as key');
  return name === "true";
}
