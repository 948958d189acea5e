// Marshal layer, ProtoJSON: messages as JSON (protobuf.dev, "ProtoJSON Format"). It walks a value with its descriptor; what
// an encoder would refuse is refused here, with the same errors.
import type { EnumDescriptor, FieldDescriptor, MessageDescriptor, ScalarType } from "../../idl/descriptor.ts";
import { int64FormOf, int64KeyFormOf } from "../../idl/int64-form.ts";
import { entrySegment, inField, MarshalError, missingField, outOfRange, wrongType } from "../errors.ts";
import { extensionNumbers, getExtension, keptOf } from "../extensions.ts";
import { entriesOf } from "../maps.ts";
import { checkMessage } from "../nested.ts";
import { isOneof, unknownKind } from "../oneofs.ts";
import { scalarWires } from "../scalar-wires.ts";
import type { ToJsonOptions } from "../types.ts";
import { defaultMaxDepth, type Wire } from "../wire.ts";
import { type JsonValue, setProperty } from "./json-value.ts";
import { formatScalar } from "./scalar-json.ts";
import { type AnyField, extensionProperty, isNullEnum, type JsonSchema } from "./schema.ts";
import type { OpenMessage } from "./special-form.ts";
import { specialFormOf } from "./well-known.ts";

type MutableJson = { [name: string]: JsonValue };

/** Makes JSON of values, for one call. */
export class MessageFormatter {
  readonly #schema: JsonSchema;
  readonly #options: ToJsonOptions;

  constructor(schema: JsonSchema, options: ToJsonOptions) {
    this.#schema = schema;
    this.#options = options;
  }

  /** `depth` counts the messages around this one. Throws a `MarshalError`. */
  format(descriptor: MessageDescriptor, value: unknown, depth: number): JsonValue {
    checkMessage(value, "");
    if (depth > defaultMaxDepth) {
      throw new MarshalError("too-deep", `more than ${defaultMaxDepth} messages within messages`);
    }
    const message = value as OpenMessage;
    const form = specialFormOf(descriptor.fullName);
    if (form === undefined) return this.#object(descriptor, message, depth);
    return form.format(message, {
      descriptor,
      formatField: (localName, inner) => this.#contentOf(descriptor, localName, { value: inner, depth }),
      formatMessage: (type, inner) => this.format(type, inner, depth + 1),
      isSpecial: (typeName) => specialFormOf(typeName) !== undefined,
      findMessage: (typeName) => this.#options.types?.findMessage(typeName),
    });
  }

  #object(descriptor: MessageDescriptor, message: OpenMessage, depth: number): JsonValue {
    for (const { localName, fields } of descriptor.oneofs) {
      const chosen = (message[localName] ?? undefined) as { readonly kind: string } | undefined;
      if (isOneof(chosen, localName) && !fields.some((field) => field.localName === chosen.kind)) {
        throw unknownKind(chosen, localName);
      }
    }
    const json: MutableJson = {};
    for (const field of descriptor.fields) {
      try {
        const value = this.#field(field, message, depth);
        if (value !== undefined) setProperty(json, this.#options.protoNames ? field.name : field.jsonName, value);
      } catch (error) {
        throw inField(error, field.oneof === undefined ? field.localName : `${field.oneof.localName}.value`);
      }
    }
    if (keptOf(message) !== undefined) this.#extensions(descriptor, message, { json, depth });
    return json;
  }

  /** Adds the extensions that are known; other unknown fields have no form in JSON. */
  #extensions(
    descriptor: MessageDescriptor,
    message: OpenMessage,
    { json, depth }: { readonly json: MutableJson; readonly depth: number },
  ): void {
    const known = this.#options.types?.extensionsOf?.(descriptor.fullName) ?? [];
    if (known.length === 0) return;
    const numbers = extensionNumbers(message, descriptor);
    for (const extension of known) {
      if (!numbers.has(extension.descriptor.number)) continue;
      const value = getExtension(message, extension);
      if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
      const name = extensionProperty(extension.typeName);
      try {
        setProperty(json, name, this.#content(extension.descriptor, value, depth));
      } catch (error) {
        throw inField(error, name);
      }
    }
  }

  /** Undefined: the field is left out. */
  #field(field: FieldDescriptor, message: OpenMessage, depth: number): JsonValue | undefined {
    const { cardinality, presence, oneof, localName, required } = field;
    const emitDefaults = this.#options.emitDefaults === true;
    let value: unknown = message[localName] ?? undefined;
    if (oneof !== undefined) {
      const chosen = message[oneof.localName] as { readonly kind: string; readonly value: unknown } | undefined | null;
      if (chosen?.kind !== localName) return undefined;
      value = chosen.value;
    }
    if (required === true && value === undefined) throw missingField("");
    if (cardinality === "singular" && presence === "explicit") {
      return value === undefined && oneof === undefined ? undefined : this.#value(field, value, depth);
    }
    if (value === undefined && !emitDefaults) return undefined;
    const json = this.#content(field, value, depth);
    return !emitDefaults && isDefault(json, this.#zero(field)) ? undefined : json;
  }

  #contentOf(
    descriptor: MessageDescriptor,
    localName: string,
    { value, depth }: { readonly value: unknown; readonly depth: number },
  ): JsonValue {
    const field = descriptor.fields.find((one) => one.localName === localName);
    if (field === undefined) throw unknownKind({ kind: localName }, descriptor.oneofs[0]?.localName ?? "");
    try {
      return this.#content(field, value ?? undefined, depth);
    } catch (error) {
      throw inField(error, localName);
    }
  }

  /** The JSON of a field's whole value, of nothing when it is undefined. */
  #content(field: AnyField, value: unknown, depth: number): JsonValue {
    if (field.cardinality === "map") return this.#map(field, value, depth);
    if (field.cardinality === "repeated") return this.#list(field, value, depth);
    return value === undefined && field.type.kind !== "message" ? this.#zero(field) : this.#value(field, value, depth);
  }

  #list(field: AnyField, values: unknown, depth: number): JsonValue {
    if (values === undefined) return [];
    if (!Array.isArray(values)) throw wrongType("an array", values, "");
    return Array.from(values, (value: unknown, index) => {
      try {
        return this.#value(field, value, depth);
      } catch (error) {
        throw inField(error, `[${index}]`);
      }
    });
  }

  #map(field: FieldDescriptor, map: unknown, depth: number): JsonValue {
    const json: MutableJson = {};
    if (map === undefined) return json;
    const type = field.mapKey as ScalarType;
    for (const [key, value] of entriesOf(map, scalarWires[type] as Wire, "")) {
      try {
        const name = String(formatScalar(type, key, int64KeyFormOf(field)));
        setProperty(json, name, this.#value(field, value, depth));
      } catch (error) {
        throw inField(error, entrySegment(key));
      }
    }
    return json;
  }

  /** The JSON of one value: of the field, of an element of a list, of a map's value. */
  #value(field: AnyField, value: unknown, depth: number): JsonValue {
    const { type } = field;
    if (type.kind === "scalar") return formatScalar(type.scalar, value, int64FormOf(field));
    if (type.kind === "enum") return this.#enum(type.enum, value);
    return this.format(type.message, value, depth + 1);
  }

  #enum(descriptor: EnumDescriptor, value: unknown): JsonValue {
    if (isNullEnum(descriptor)) return null;
    const { byName, byNumber } = this.#schema.enumOf(descriptor);
    const number = typeof value === "string" ? byName.get(value) : value;
    if (typeof number === "number") {
      if ((number | 0) !== number) throw outOfRange("a 32-bit integer", number, "");
      const name = byNumber.get(number);
      if (name !== undefined || !descriptor.closed) return name ?? number;
      throw new MarshalError("unknown-name", `${descriptor.fullName} is closed and has no value ${number}`);
    }
    if (typeof value !== "string") throw wrongType(`a value of ${descriptor.fullName}`, value, "");
    throw new MarshalError("unknown-name", `${descriptor.fullName} has no value ${JSON.stringify(value)}`);
  }

  /** The JSON of a field without presence that is not set. */
  #zero({ type, cardinality }: AnyField): JsonValue {
    if (cardinality !== "singular" || type.kind === "message") return cardinality === "repeated" ? [] : {};
    if (type.kind === "enum") return this.#enum(type.enum, 0);
    if (type.scalar === "bool") return false;
    if (type.scalar === "string" || type.scalar === "bytes") return "";
    return type.scalar.endsWith("64") ? "0" : 0;
  }
}

/** True for what stands for an unset field: -0 does not, its sign would be lost. */
function isDefault(json: JsonValue, zero: JsonValue): boolean {
  if (typeof json !== "object" || json === null) return Object.is(json, zero);
  return Object.keys(json).length === 0;
}
