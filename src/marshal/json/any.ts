// Marshal layer, ProtoJSON: google.protobuf.Any: the fields of what it holds beside `@type`, or `value` beside it when what
// it holds has a form of its own. The types that may be held are handed in.
import { MarshalError, wrongType } from "../errors.ts";
import { checkMessage } from "../nested.ts";
import { typeNameOf } from "../type-url.ts";
import type { MessageType } from "../types.ts";
import { type JsonValue, setProperty } from "./json-value.ts";
import type { FormatContext, ParseContext, SpecialForm } from "./special-form.ts";

const typeProperty = "@type";
const emptyName = "google.protobuf.Empty";

/** The type that a URL such as `type.googleapis.com/dirs.Entry` names. */
function typeOf(url: unknown, context: FormatContext | ParseContext): MessageType {
  if (url === undefined) {
    const detail = "the type that the Any holds is missing: expected one such as type.googleapis.com/dirs.Entry";
    throw new MarshalError("wrong-type", detail, { path: typeProperty });
  }
  if (typeof url !== "string") throw wrongType("a string", url, typeProperty);
  const typeName = typeNameOf(url);
  if (!url.includes("/") || typeName === "") {
    throw new MarshalError("unknown-type", `${JSON.stringify(url)} names no type: expected one behind a /`, {
      path: typeProperty,
    });
  }
  const type = context.findMessage(typeName);
  if (type !== undefined) return type;
  throw new MarshalError("unknown-type", `${typeName} is not among the types that are known`, { path: typeProperty });
}

/** `google.protobuf.Any`. */
export const anyForm: SpecialForm = {
  format(message, context) {
    const { typeUrl = "", value = new Uint8Array(0) } = message;
    if (!(value instanceof Uint8Array)) throw wrongType("a Uint8Array", value, "value");
    if (typeUrl === "" && value.length === 0) return {};
    const type = typeOf(typeUrl, context);
    const json = context.formatMessage(type.descriptor, type.decode(value));
    const whole: { [name: string]: JsonValue } = { [typeProperty]: typeUrl as string };
    if (context.isSpecial(type.typeName)) whole["value"] = json;
    else for (const [name, inner] of Object.entries(json as object)) setProperty(whole, name, inner);
    return whole;
  },
  parse(json, context) {
    checkMessage(json, "");
    const { [typeProperty]: typeUrl, ...others } = json as { readonly [name: string]: unknown };
    if (typeUrl === undefined && Object.keys(others).length === 0) return {};
    const type = typeOf(typeUrl, context);
    // Some write what has no fields as `value` too.
    const asValue = context.isSpecial(type.typeName) || (type.typeName === emptyName && "value" in others);
    if (!asValue) return { typeUrl, value: type.encode(context.parseMessage(type.descriptor, others)) };
    const { value, ...unexpected } = others;
    const [name] = Object.keys(unexpected);
    if (name !== undefined) {
      throw new MarshalError("unknown-field", "beside @type there may be value only", { path: name });
    }
    if (value === undefined) throw wrongType("a value beside @type", value, "value");
    return { typeUrl, value: type.encode(context.parseMessage(type.descriptor, value)) };
  },
};
