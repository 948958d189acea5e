// IDL layer, generator: the function that reads a message's fields, one switch over their tags, and the message of which
// nothing is set that it fills in.

import type { FieldDescriptor, MessageDescriptor } from "../descriptor.ts";
import { isPackable } from "../features.ts";
import { int64FormOf } from "../int64-form.ts";
import { fieldWireName, hasForm, wireOf } from "./emit-encode.ts";
import type { ModuleText } from "./module-text.ts";
import { formOf, type Property, propertiesOf, upperFirst } from "./properties.ts";
import { fieldWireType, tagOf, wireTypes } from "./tags.ts";

/** Writes `emptyX` and `decodeX`. */
export function emitDecode(message: MessageDescriptor, module: ModuleText): void {
  const { decode, empty, type } = module.own(message);
  const properties = propertiesOf(message);
  const unset = properties.map((one) => `    ${one.localName}: ${unsetValue(one, module)},\n`);
  module.add(
    unset.length === 0
      ? `function ${empty}(): ${type} {\n  return {};\n}`
      : `function ${empty}(): ${type} {\n  return {\n${unset.join("")}  };\n}`,
  );
  const cases = message.fields.flatMap((field) => decodeField(field, module));
  const settled = properties
    .filter((one) => one.kind === "field" && isUnsetBytes(one))
    .map((one) => settle(one, module));
  const keep = `${module.runtime("keepUnknown")}(from, tag, message);`;
  const loop =
    cases.length === 0
      ? `    ${keep}\n`
      : `    switch (tag) {\n${cases.join("")}      default:\n        ${keep}\n    }\n`;
  module.add(
    `function ${decode}(from: ${module.runtimeType("Reader")}, message: ${type}): void {\n` +
      `  while (from.position < from.end) {\n    const tag = ${module.runtime("readTag")}(from);\n${loop}  }\n` +
      `${settled.join("")}${noteMissing(message)}}`,
  );
}

function isUnsetBytes(field: FieldDescriptor): boolean {
  return field.cardinality === "singular" && field.presence === "implicit" && formOf(field.type) === "bytes";
}

/** Replaces the stand-in for absent bytes: making an array is dear, so it is done only when no bytes came. */
function settle(field: Property, module: ModuleText): string {
  const value = `message.${field.localName}`;
  return `  if (${value} === ${module.runtime("unsetBytes")}) ${value} = ${module.runtime("noBytes")}();\n`;
}

/** Notes that a required field is not set; whether that is wrong shows when the whole is read. */
function noteMissing(message: MessageDescriptor): string {
  const missing = message.fields
    .filter((field) => field.required === true)
    .map((field) => `message.${field.localName} === undefined`);
  return missing.length === 0 ? "" : `  if (${missing.join(" || ")}) from.incomplete = true;\n`;
}

function unsetValue(property: Property, module: ModuleText): string {
  if (property.kind === "oneof") return "undefined";
  if (property.cardinality === "repeated") return "[]";
  if (property.cardinality === "map") return `new ${module.global("Map")}()`;
  return isUnsetBytes(property) ? module.runtime("unsetBytes") : zeroOf(property, module);
}

/** Source text of the value of a singular field that is absent. */
export function zeroOf(field: FieldDescriptor, module: ModuleText): string {
  if (field.presence === "explicit") return "undefined";
  const { type } = field;
  if (type.kind === "enum") return JSON.stringify(type.enum.values.find((one) => one.number === 0)?.name ?? 0);
  switch (formOf(type)) {
    case "string":
      return '""';
    case "boolean":
      return "false";
    case "bigint": {
      const form = int64FormOf(field, module.int64);
      return form === "string" ? '"0"' : form === "number" ? "0" : "0n";
    }
    case "bytes":
      return `${module.runtime("noBytes")}()`;
    default:
      return "0";
  }
}

/** The cases of one field's tags. */
function decodeField(field: FieldDescriptor, module: ModuleText): string[] {
  const { cardinality, number, type } = field;
  const tag = tagOf(number, fieldWireType(field));
  const target = `message.${(field.oneof ?? field).localName}`;
  const closed = type.kind === "enum" && type.enum.closed;
  if (cardinality === "map") {
    const words = `from, ${target}, ${fieldWireName(field, module)}`;
    const entry = module.runtime(closed ? "readClosedEntry" : "readEntry");
    return [format(tag, `${entry}(${words}${closed ? ", message" : ""});`)];
  }
  if (closed) return decodeClosed(field, tag, target, module);
  if (cardinality === "repeated") {
    const one = format(tag, `${target}.push(${readValue(field, undefined, module)});`);
    if (!isPackable(type)) return [one];
    const run = `${target} = ${module.runtime("readPacked")}(from, ${target}, ${wireOf(field, module)});`;
    return [format(tagOf(number, wireTypes.sized), run), one];
  }
  if (field.oneof === undefined) return [format(tag, `${target} = ${readValue(field, target, module)};`)];
  const kind = JSON.stringify(field.localName);
  const previous = type.kind === "message" ? `(${target}?.kind === ${kind} ? ${target}.value : undefined)` : undefined;
  return [format(tag, `${target} = { kind: ${kind}, value: ${readValue(field, previous, module)} };`)];
}

/** The cases of a field whose enum is closed: what it lacks becomes an unknown field. */
function decodeClosed(field: FieldDescriptor, tag: number, target: string, module: ModuleText): string[] {
  const wire = wireOf(field, module);
  const read = `${module.runtime("readClosed")}(from, ${wire}, message)`;
  const whenKnown = (statement: string): string =>
    `      case ${tag}: {\n        const value = ${read};\n        if (value !== undefined) ${statement}\n        break;\n      }\n`;
  if (field.cardinality === "repeated") {
    const run = `${module.runtime("readClosedRun")}(from, ${target}, ${wire}, { message, tag: ${tag} });`;
    return [format(tagOf(field.number, wireTypes.sized), run), whenKnown(`${target}.push(value);`)];
  }
  if (field.oneof === undefined) return [whenKnown(`${target} = value;`)];
  return [whenKnown(`${target} = { kind: ${JSON.stringify(field.localName)}, value };`)];
}

function format(tag: number, statement: string): string {
  return `      case ${tag}:\n        ${statement}\n        break;\n`;
}

/** Reads one value; a message is merged into `previous`. */
function readValue(field: FieldDescriptor, previous: string | undefined, module: ModuleText): string {
  const { type } = field;
  if (type.kind === "message" && module.isOwn(type.message) && !field.delimited) {
    const { decode, empty } = module.own(type.message);
    const into = previous === undefined ? `${empty}()` : `${previous} ?? ${empty}()`;
    return `${module.runtime("readNested")}(from, ${into}, ${decode})`;
  }
  const merged = type.kind === "message" && previous !== undefined ? `, ${previous}` : "";
  return `${readerOf(field, module)}(from${merged})`;
}

/** The expression for the function that reads a value of the field. */
function readerOf(field: FieldDescriptor, module: ModuleText): string {
  return field.type.kind === "scalar" && !hasForm(field, module)
    ? module.runtime(`read${upperFirst(field.type.scalar)}`)
    : `${wireOf(field, module)}.read`;
}
