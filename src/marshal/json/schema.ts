// Marshal layer, ProtoJSON: what is looked up again and again in descriptors, kept by whoever formats and parses.
import type { EnumDescriptor, ExtensionDescriptor, FieldDescriptor, MessageDescriptor } from "../../idl/descriptor.ts";
import { type EnumTable, EnumTables } from "../enum-tables.ts";

/** What JSON says of a message: its fields, and the extensions that are known. */
export type AnyField = FieldDescriptor | ExtensionDescriptor;

/** Tables of descriptors, made when first asked for. */
export class JsonSchema {
  readonly #fields = new Map<MessageDescriptor, ReadonlyMap<string, FieldDescriptor>>();
  readonly #enums = new EnumTables();

  /** The fields of a message by their JSON names, and by their names in a `.proto` where no JSON name is in the way. */
  fieldsOf(message: MessageDescriptor): ReadonlyMap<string, FieldDescriptor> {
    let table = this.#fields.get(message);
    if (table === undefined) {
      const byName = message.fields.map((field) => [field.name, field] as const);
      table = new Map([...byName, ...message.fields.map((field) => [field.jsonName, field] as const)]);
      this.#fields.set(message, table);
    }
    return table;
  }

  enumOf(descriptor: EnumDescriptor): EnumTable {
    return this.#enums.of(descriptor);
  }
}

const nullValue = "google.protobuf.NullValue";

/** True for fields to which `null` is a value, and not the absence of one. */
export function takesNull({ type }: AnyField): boolean {
  if (type.kind === "enum") return isNullEnum(type.enum);
  return type.kind === "message" && type.message.fullName === "google.protobuf.Value";
}

/** True for the enum whose one value is JSON's `null`. */
export function isNullEnum({ fullName }: EnumDescriptor): boolean {
  return fullName === nullValue;
}

/** The property of an extension, `[dirs.owner]`. */
export function extensionProperty(typeName: string): string {
  return `[${typeName}]`;
}

/** The full name in the property of an extension; undefined for other properties. */
export function extensionNameIn(property: string): string | undefined {
  return property.startsWith("[") && property.endsWith("]") ? property.slice(1, -1) : undefined;
}
