// Marshal layer, ProtoJSON: messages out of JSON (protobuf.dev, "ProtoJSON Format"). It gives a form that the message's type
// accepts, to be completed by it.
import type { EnumDescriptor, FieldDescriptor, MessageDescriptor, ScalarType } from "../../idl/descriptor.ts";
import { int64FormOf, int64KeyFormOf } from "../../idl/int64-form.ts";
import { inField, MarshalError, missingField, outOfRange, wrongType } from "../errors.ts";
import { setExtension } from "../extensions.ts";
import { scalarInForm } from "../int64-wires.ts";
import { checkMessage } from "../nested.ts";
import type { Extension, FromJsonOptions } from "../types.ts";
import { defaultMaxDepth } from "../wire.ts";
import { parseMapKey, parseScalar } from "./scalar-json.ts";
import { type AnyField, extensionNameIn, isNullEnum, type JsonSchema, takesNull } from "./schema.ts";
import type { OpenMessage } from "./special-form.ts";
import { specialFormOf } from "./well-known.ts";

/** Reads JSON, for one call. */
export class MessageParser {
  readonly #schema: JsonSchema;
  readonly #options: FromJsonOptions;
  readonly #maxDepth: number;

  constructor(schema: JsonSchema, options: FromJsonOptions) {
    this.#schema = schema;
    this.#options = options;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
  }

  /** `depth` counts the messages around this one. Throws a `MarshalError`. */
  parse(descriptor: MessageDescriptor, json: unknown, depth: number): OpenMessage {
    if (depth > this.#maxDepth) {
      throw new MarshalError("too-deep", `more than ${this.#maxDepth} messages within messages`);
    }
    const form = specialFormOf(descriptor.fullName);
    if (form === undefined) return this.#object(descriptor, json, depth);
    return form.parse(json, {
      descriptor,
      parseField: (localName, inner) => this.#contentOf(descriptor, localName, { json: inner, depth }),
      parseMessage: (type, inner) => this.parse(type, inner, depth + 1),
      isSpecial: (typeName) => specialFormOf(typeName) !== undefined,
      findMessage: (typeName) => this.#options.types?.findMessage(typeName),
    });
  }

  #object(descriptor: MessageDescriptor, json: unknown, depth: number): OpenMessage {
    checkMessage(json, "");
    const fields = this.#schema.fieldsOf(descriptor);
    const seen = new Set<AnyField>();
    const message: OpenMessage = {};
    for (const [name, value] of Object.entries(json as object)) {
      const extension = this.#extensionIn(name, descriptor);
      const field = extension?.descriptor ?? fields.get(name);
      if (field === undefined) {
        if (this.#options.ignoreUnknown === true) continue;
        throw unknownField(name, descriptor);
      }
      if (seen.has(field)) throw new MarshalError("duplicate-field", "the field is set twice", { path: name });
      seen.add(field);
      try {
        if (extension !== undefined) this.#extend(extension, value, { message, depth });
        else this.#assign(field as FieldDescriptor, value, { message, depth });
      } catch (error) {
        throw inField(error, segmentOf(field, name));
      }
    }
    for (const { localName, required } of descriptor.fields) {
      if (required === true && message[localName] === undefined) throw missingField(localName);
    }
    return message;
  }

  /** The extension that a property names; undefined when it is none, or not known as one of this message. */
  #extensionIn(property: string, descriptor: MessageDescriptor): Extension | undefined {
    const typeName = extensionNameIn(property);
    const found = typeName === undefined ? undefined : this.#options.types?.findExtension?.(typeName);
    return found?.descriptor.extendee.fullName === descriptor.fullName ? found : undefined;
  }

  #extend(
    extension: Extension,
    json: unknown,
    { message, depth }: { readonly message: OpenMessage; readonly depth: number },
  ): void {
    const { descriptor } = extension;
    if (isAbsent(descriptor, json)) return;
    const value = this.#content(descriptor, json, depth);
    if (value !== undefined) setExtension(message, extension, value);
  }

  #assign(
    field: FieldDescriptor,
    json: unknown,
    { message, depth }: { readonly message: OpenMessage; readonly depth: number },
  ): void {
    const { localName, oneof } = field;
    if (isAbsent(field, json)) return;
    const value = this.#content(field, json, depth);
    if (value === undefined) return;
    if (oneof === undefined) {
      message[localName] = value;
      return;
    }
    if (message[oneof.localName] !== undefined) {
      throw new MarshalError("duplicate-field", `another field of the oneof ${oneof.name} is set too`);
    }
    message[oneof.localName] = { kind: localName, value };
  }

  #contentOf(
    descriptor: MessageDescriptor,
    localName: string,
    { json, depth }: { readonly json: unknown; readonly depth: number },
  ): unknown {
    const field = descriptor.fields.find((one) => one.localName === localName);
    if (field !== undefined) return this.#content(field, json, depth);
    throw new MarshalError("bad-descriptor", `${descriptor.fullName} lacks the field ${localName}`);
  }

  /** A field's whole value. Undefined: it is one of those that are ignored. */
  #content(field: AnyField, json: unknown, depth: number): unknown {
    if (field.cardinality === "map") return this.#map(field, json, depth);
    if (field.cardinality === "repeated") return this.#list(field, json, depth);
    return this.#value(field, json, depth);
  }

  #list(field: AnyField, json: unknown, depth: number): unknown[] {
    if (!Array.isArray(json)) throw wrongType("an array", json, "");
    const values: unknown[] = [];
    for (const [index, item] of json.entries()) {
      try {
        const value = this.#value(field, item, depth);
        if (value !== undefined) values.push(value);
      } catch (error) {
        throw inField(error, `[${index}]`);
      }
    }
    return values;
  }

  #map(field: FieldDescriptor, json: unknown, depth: number): Map<unknown, unknown> {
    checkMessage(json, "");
    const map = new Map<unknown, unknown>();
    for (const [name, item] of Object.entries(json as object)) {
      try {
        const key = scalarInForm(parseMapKey(field.mapKey as ScalarType, name), int64KeyFormOf(field));
        if (map.has(key)) throw new MarshalError("duplicate-field", "the key stands twice");
        const value = this.#value(field, item, depth);
        if (value !== undefined) map.set(key, value);
      } catch (error) {
        throw inField(error, `[${field.mapKey === "string" ? JSON.stringify(name) : name}]`);
      }
    }
    return map;
  }

  /** One value: of the field, of an element of a list, of a map's value. Undefined: it is ignored. */
  #value(field: AnyField, json: unknown, depth: number): unknown {
    const { type } = field;
    if (type.kind === "scalar") return scalarInForm(parseScalar(type.scalar, json), int64FormOf(field));
    if (type.kind === "enum") return this.#enum(type.enum, json);
    return this.parse(type.message, json, depth + 1);
  }

  #enum(descriptor: EnumDescriptor, json: unknown): string | number | undefined {
    const { byName, byNumber } = this.#schema.enumOf(descriptor);
    if (json === null && isNullEnum(descriptor)) return byNumber.get(0) ?? 0;
    if (typeof json === "number") {
      if ((json | 0) !== json) throw outOfRange("a 32-bit integer", json, "");
      const name = byNumber.get(json);
      if (name !== undefined || !descriptor.closed) return name ?? json;
      return this.#unknownValue(`${descriptor.fullName} is closed and has no value ${json}`);
    }
    if (typeof json !== "string") throw wrongType(`the name of a value of ${descriptor.fullName}`, json, "");
    const number = byName.get(json);
    if (number !== undefined) return byNumber.get(number);
    return this.#unknownValue(`${descriptor.fullName} has no value ${JSON.stringify(json)}`);
  }

  /** Undefined where values that the schema lacks are passed over. */
  #unknownValue(complaint: string): undefined {
    if (this.#options.ignoreUnknown === true) return undefined;
    throw new MarshalError("unknown-name", complaint);
  }
}

function unknownField(property: string, { fullName }: MessageDescriptor): MarshalError {
  const detail =
    extensionNameIn(property) === undefined
      ? `${fullName} has no field of that name`
      : `no extension of ${fullName} is known by that name: hand it in with the option types`;
  return new MarshalError("unknown-field", detail, { path: property });
}

/** True for what leaves a field unset: `null` does, but where it is a value. */
function isAbsent(field: AnyField, json: unknown): boolean {
  return json === undefined || (json === null && !(field.cardinality === "singular" && takesNull(field)));
}

/** A field in a path; an extension goes by its property. */
function segmentOf(field: AnyField, property: string): string {
  if (field.kind === "extension") return property;
  return field.oneof === undefined ? field.localName : `${field.oneof.localName}.value`;
}
