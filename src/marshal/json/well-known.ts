// Marshal layer, ProtoJSON: the well-known types that JSON has a form of its own for (protobuf.dev, "ProtoJSON Format",
// table of types). They are told by full name, whoever generated or defined them.
import { MarshalError, outOfRange, wrongType } from "../errors.ts";
import { checkMessage } from "../nested.ts";
import { anyForm } from "./any.ts";
import { formatFieldMask, parseFieldMask } from "./field-mask-text.ts";
import type { FormatContext, OpenMessage, SpecialForm } from "./special-form.ts";
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, type Time } from "./time-text.ts";

/** A message whose JSON is a string. */
function textForm(format: (message: OpenMessage) => string, parse: (text: string) => object): SpecialForm {
  return {
    format,
    parse(json) {
      if (typeof json !== "string") throw wrongType("a string", json, "");
      return parse(json) as OpenMessage;
    },
  };
}

function timeOf({ seconds = 0n, nanos = 0 }: OpenMessage): Time {
  if (typeof seconds === "string" && /^-?\d+$/.test(seconds)) return timeOf({ seconds: BigInt(seconds), nanos });
  if (typeof seconds !== "bigint" && !Number.isSafeInteger(seconds)) throw wrongType("a bigint", seconds, "seconds");
  if (!Number.isInteger(nanos)) throw wrongType("an integer", nanos, "nanos");
  return { seconds: BigInt(seconds as bigint | number), nanos: nanos as number };
}

function pathsOf({ paths = [] }: OpenMessage): readonly string[] {
  if (Array.isArray(paths) && paths.every((path) => typeof path === "string")) return paths;
  throw wrongType("an array of strings", paths, "paths");
}

/** A message of one field, `value`, whose JSON is the field's. */
const wrapperForm: SpecialForm = {
  format: (message, context) => context.formatField("value", message["value"]),
  parse: (json, context) => ({ value: context.parseField("value", json) }),
};

/** A message around one list or map, whose JSON is that field's. */
function contentForm(localName: string): SpecialForm {
  return {
    format: (message, context) => context.formatField(localName, message[localName]),
    parse(json, context) {
      if (json === null) throw wrongType(localName === "values" ? "an array" : "an object", json, "");
      return { [localName]: context.parseField(localName, json) };
    },
  };
}

function formatValue(message: OpenMessage, context: FormatContext) {
  const chosen = message["kind"];
  if (chosen === undefined || chosen === null) {
    throw new MarshalError("wrong-type", "a google.protobuf.Value of which nothing is set has no form in JSON");
  }
  checkMessage(chosen, "kind");
  const { kind, value } = chosen as { readonly kind: unknown; readonly value: unknown };
  if (typeof kind !== "string") throw wrongType("the name of a field", kind, "kind.kind");
  if (kind === "numberValue" && typeof value === "number" && !Number.isFinite(value)) {
    throw outOfRange("a number that JSON has", value, "kind.value");
  }
  return context.formatField(kind, value);
}

function kindOf(json: unknown): string {
  if (json === null) return "nullValue";
  if (Array.isArray(json)) return "listValue";
  switch (typeof json) {
    case "number":
    case "bigint":
      return "numberValue";
    case "string":
      return "stringValue";
    case "boolean":
      return "boolValue";
    case "object":
      return "structValue";
    default:
      throw wrongType("a value of JSON", json, "");
  }
}

const valueForm: SpecialForm = {
  format: formatValue,
  parse(json, context) {
    const kind = kindOf(json);
    // A number in a string stays a string here, and only a finite one is a number.
    if (typeof json === "number" && !Number.isFinite(json)) throw outOfRange("a number that JSON has", json, "");
    return { kind: { kind, value: context.parseField(kind, json) } };
  },
};

const forms: { readonly [fullName: string]: SpecialForm } = {
  "google.protobuf.Any": anyForm,
  "google.protobuf.Timestamp": /* @__PURE__ */ textForm((message) => formatTimestamp(timeOf(message)), parseTimestamp),
  "google.protobuf.Duration": /* @__PURE__ */ textForm((message) => formatDuration(timeOf(message)), parseDuration),
  "google.protobuf.FieldMask": /* @__PURE__ */ textForm(
    (message) => formatFieldMask(pathsOf(message)),
    (text) => ({ paths: parseFieldMask(text) }),
  ),
  "google.protobuf.Struct": /* @__PURE__ */ contentForm("fields"),
  "google.protobuf.ListValue": /* @__PURE__ */ contentForm("values"),
  "google.protobuf.Value": valueForm,
  "google.protobuf.BoolValue": wrapperForm,
  "google.protobuf.BytesValue": wrapperForm,
  "google.protobuf.DoubleValue": wrapperForm,
  "google.protobuf.FloatValue": wrapperForm,
  "google.protobuf.Int32Value": wrapperForm,
  "google.protobuf.Int64Value": wrapperForm,
  "google.protobuf.StringValue": wrapperForm,
  "google.protobuf.UInt32Value": wrapperForm,
  "google.protobuf.UInt64Value": wrapperForm,
};

/** The form of a type in JSON when it is not an object of its fields. */
export function specialFormOf(fullName: string): SpecialForm | undefined {
  return Object.hasOwn(forms, fullName) ? forms[fullName] : undefined;
}
