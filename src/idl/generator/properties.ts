// IDL layer, generator: the properties of a message in TypeScript, and the types they have there.
import type {
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  MessageDescriptor,
  OneofDescriptor,
  ScalarType,
} from "../descriptor.ts";
import { type Int64Form, int64FormOf, int64KeyFormOf } from "../int64-form.ts";
import type { ModuleText } from "./module-text.ts";

/** A property is a field, or a oneof with all its fields. */
export type Property = FieldDescriptor | OneofDescriptor;

/** The properties of a message in the order declared; a oneof stands where its first field does. */
export function propertiesOf(message: MessageDescriptor): Property[] {
  return [...new Set(message.fields.map((field) => field.oneof ?? field))];
}

/** The properties in the order they are written: by number, a oneof by its lowest. */
export function inWireOrder(properties: readonly Property[]): Property[] {
  const number = (one: Property): number =>
    one.kind === "oneof" ? Math.min(...one.fields.map((field) => field.number)) : one.number;
  return [...properties].sort((a, b) => number(a) - number(b));
}

/** How TypeScript sees each scalar type. */
const scalarForms: { readonly [scalar in ScalarType]: "number" | "bigint" | "boolean" | "string" | "bytes" } = {
  double: "number",
  float: "number",
  int32: "number",
  int64: "bigint",
  uint32: "number",
  uint64: "bigint",
  sint32: "number",
  sint64: "bigint",
  fixed32: "number",
  fixed64: "bigint",
  sfixed32: "number",
  sfixed64: "bigint",
  bool: "boolean",
  string: "string",
  bytes: "bytes",
};

/** How TypeScript sees a scalar type; undefined for enums and messages. */
export function formOf(type: FieldType): (typeof scalarForms)[ScalarType] | undefined {
  return type.kind === "scalar" ? scalarForms[type.scalar] : undefined;
}

/** `int64` -> `Int64`: the end of the names of what the runtime has for a scalar type. */
export function upperFirst(name: string): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}

/** The TypeScript type of a property in a message. */
export function valueTypeOf(property: Property | ExtensionDescriptor, module: ModuleText): string {
  if (property.kind === "oneof") {
    const kinds = property.fields.map(
      (field) => `{ kind: ${JSON.stringify(field.localName)}; value: ${elementType(field, module)} }`,
    );
    return `${kinds.join(" | ")} | undefined`;
  }
  const element = elementType(property, module);
  if (property.cardinality === "repeated") return `${listable(element)}[]`;
  if (property.cardinality === "map") return `${module.global("Map")}<${keyType(property, module)}, ${element}>`;
  return property.presence === "explicit" ? `${element} | undefined` : element;
}

/** The TypeScript type of a property in what is accepted for a message. */
export function initTypeOf(property: Property, module: ModuleText): string {
  if (property.kind === "oneof") {
    const kinds = property.fields.map(
      (field) =>
        `{ readonly kind: ${JSON.stringify(field.localName)}; readonly value: ${elementInitType(field, module)} }`,
    );
    return `${kinds.join(" | ")} | undefined`;
  }
  const element = elementInitType(property, module);
  if (property.cardinality === "repeated") return `readonly ${listable(element)}[] | undefined`;
  if (property.cardinality === "map") {
    return `${module.runtimeType("MapInit")}<${keyType(property, module)}, ${element}> | undefined`;
  }
  return `${element} | undefined`;
}

/** The TypeScript type of what an extension is set to. */
export function extensionInitType(extension: ExtensionDescriptor, module: ModuleText): string {
  const element = elementInitType(extension, module);
  return extension.cardinality === "repeated" ? `readonly ${listable(element)}[]` : element;
}

/** The TypeScript type of a map's keys. */
function keyType(field: FieldDescriptor, module: ModuleText): string {
  return int64KeyFormOf(field, module.int64) ?? scalarForms[field.mapKey ?? "string"];
}

function elementType(field: FieldDescriptor | ExtensionDescriptor, module: ModuleText): string {
  const { type } = field;
  if (type.kind !== "scalar") return module.nameOf(type.kind === "enum" ? type.enum : type.message);
  if (formOf(type) === "bytes") return module.global("Uint8Array");
  return int64FormOf(field, module.int64) ?? scalarForms[type.scalar];
}

/** What is accepted for 64-bit integers in each form. */
const int64Inits: { readonly [form in Int64Form]: string } = {
  bigint: "bigint | number",
  number: "number | bigint",
  string: "string | bigint | number",
};

function elementInitType(field: FieldDescriptor | ExtensionDescriptor, module: ModuleText): string {
  if (field.type.kind === "message") return module.initOf(field.type.message);
  const form = int64FormOf(field, module.int64);
  return form === undefined ? elementType(field, module) : int64Inits[form];
}

function listable(element: string): string {
  return element.includes(" ") ? `(${element})` : element;
}
