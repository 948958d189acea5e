// IDL layer, generator: the function that writes a message's fields: straight-line code, in the order of their numbers.

import type { FieldDescriptor, MessageDescriptor, OneofDescriptor } from "../descriptor.ts";
import { isPackable } from "../features.ts";
import { int64FormOf } from "../int64-form.ts";
import type { ModuleText } from "./module-text.ts";
import { formOf, inWireOrder, propertiesOf, upperFirst } from "./properties.ts";
import { fieldWireType, tagOf, wireTypes } from "./tags.ts";

/** Writes `encodeX`. Where it writes is an argument and its result, so that it stays in a register. */
export function emitEncode(message: MessageDescriptor, module: ModuleText): void {
  const { encode, init } = module.own(message);
  const body = inWireOrder(propertiesOf(message)).map((one) =>
    one.kind === "oneof" ? encodeOneof(one, module) : encodeField(one, module),
  );
  const depth = body.some((text) => text.includes(", depth)")) ? ", depth: number" : "";
  module.add(
    `function ${encode}(into: ${module.runtimeType("Writer")}, at: number, value: ${init}${depth}): number {\n` +
      `  if (value?.constructor !== ${module.global("Object")}) ${module.runtime("checkMessage")}(value);\n${body.join("")}` +
      `  if (value.$unknown !== undefined) at = ${module.runtime("writeUnknown")}(into, at, value.$unknown);\n  return at;\n}`,
  );
}

function encodeField(field: FieldDescriptor, module: ModuleText): string {
  const { cardinality, localName, number, type, required } = field;
  const value = `value.${localName}`;
  const name = JSON.stringify(localName);
  if (cardinality === "map") {
    const tag = tagOf(number, wireTypes.sized);
    return `  at = ${module.runtime("writeMap")}(into, at, ${tag}, ${value}, ${name}, ${fieldWireName(field, module)}, depth);\n`;
  }
  if (cardinality === "repeated") {
    const wire = wireOf(field, module);
    if (isPackable(type) && field.packed) {
      return `  at = ${module.runtime("writePacked")}(into, at, ${tagOf(number, wireTypes.sized)}, ${value}, ${name}, ${wire});\n`;
    }
    const tag = tagOf(number, fieldWireType(field));
    if (type.kind === "message" && module.isOwn(type.message) && !field.delimited) {
      const { encode } = module.own(type.message);
      return `  at = ${module.runtime("writeNestedList")}(into, at, ${tag}, ${value}, ${name}, ${encode}, depth);\n`;
    }
    return `  at = ${module.runtime("writeList")}(into, at, ${tag}, ${value}, ${name}, ${wire}, depth);\n`;
  }
  if (required === true) {
    const missing = `  if (${value} === undefined) throw ${module.runtime("missingField")}(${name});\n`;
    return `${missing}${writeValue(field, value, name, module, "  ")}`;
  }
  return `  if (${condition(field, value, module)}) {\n${writeValue(field, value, name, module, "    ")}  }\n`;
}

/** When a singular field is written at all. -0 is not zero: its sign would be lost. */
function condition(field: FieldDescriptor, value: string, module: ModuleText): string {
  const { type } = field;
  const present = `${value} !== undefined`;
  if (field.presence === "explicit") return present;
  if (hasForm(field, module)) return `${present} && !${module.runtime("isZeroInteger")}(${value})`;
  if (type.kind === "enum") return `${module.runtime("isNonZero")}(${module.nameOf(type.enum)}, ${value})`;
  switch (formOf(type)) {
    case "string":
      return `${present} && ${value} !== ""`;
    case "boolean":
      return `${present} && ${value} !== false`;
    case "bigint":
      return `${present} && ${value} !== 0n && ${value} !== 0`;
    case "bytes":
      return `${present} && !${module.runtime("isEmptyBytes")}(${value})`;
    default: {
      const float = type.kind === "scalar" && (type.scalar === "float" || type.scalar === "double");
      if (!float) return `${present} && ${value} !== 0`;
      return `${present} && (${value} !== 0 || ${module.global("Object")}.is(${value}, -0))`;
    }
  }
}

/** The tag and the value behind it. */
function writeValue(field: FieldDescriptor, value: string, name: string, module: ModuleText, indent: string): string {
  const { type, number } = field;
  const words = `into, at, ${tagOf(number, fieldWireType(field))}, ${value}, ${name}`;
  if (type.kind === "scalar" && !hasForm(field, module)) {
    return `${indent}at = ${module.runtime(`write${upperFirst(type.scalar)}`)}(${words});\n`;
  }
  if (type.kind === "message" && module.isOwn(type.message) && !field.delimited) {
    const { encode } = module.own(type.message);
    return `${indent}at = ${module.runtime("writeNested")}(${words}, ${encode}, depth);\n`;
  }
  const depth = type.kind === "message" ? "depth" : "0";
  return `${indent}at = ${wireOf(field, module)}.write(${words}, ${depth});\n`;
}

function encodeOneof(oneof: OneofDescriptor, module: ModuleText): string {
  const value = `value.${oneof.localName}`;
  const name = JSON.stringify(oneof.localName);
  const path = JSON.stringify(`${oneof.localName}.value`);
  const cases = oneof.fields.map(
    (field) =>
      `      case ${JSON.stringify(field.localName)}:\n` +
      `${writeValue(field, `${value}.value`, path, module, "        ")}        break;\n`,
  );
  return (
    `  if (${module.runtime("isOneof")}(${value}, ${name})) {\n    switch (${value}.kind) {\n${cases.join("")}` +
    `      default:\n        throw ${module.runtime("unknownKind")}(${value}, ${name});\n    }\n  }\n`
  );
}

/** Whether a field has 64-bit integers that are not bigint: they are read and written by their wire. */
export function hasForm(field: FieldDescriptor, module: ModuleText): boolean {
  const form = int64FormOf(field, module.int64);
  return form !== undefined && form !== "bigint";
}

/** The expression for the wire of a field's values. */
export function wireOf(field: FieldDescriptor, module: ModuleText): string {
  const { type } = field;
  if (type.kind === "scalar") return module.scalarWire(type.scalar, int64FormOf(field, module.int64));
  if (field.delimited) return fieldWireName(field, module);
  return `${module.nameOf(type.kind === "enum" ? type.enum : type.message)}.wire`;
}

/** The name of the constant that holds the wire of a map field, or of a field that holds groups. */
export function fieldWireName(field: FieldDescriptor, module: ModuleText): string {
  return module.localName(`${module.own(field.message).type}_${field.localName}`, field);
}
