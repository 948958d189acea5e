// IDL layer, generator: everything about one message.
import type { FieldDescriptor, FileDescriptor, MessageDescriptor, ScalarType } from "../descriptor.ts";
import { type Int64Form, int64FormOf, int64KeyFormOf } from "../int64-form.ts";
import { emitCreate } from "./emit-create.ts";
import { emitDecode } from "./emit-decode.ts";
import { emitEncode, fieldWireName, wireOf } from "./emit-encode.ts";
import { emitMessageTypes } from "./emit-types.ts";
import type { ModuleText } from "./module-text.ts";
import { allExtensions, allMessages } from "./names.ts";

/** Writes the types of a message, its type as a value, and the functions behind that. */
export function emitMessage(message: MessageDescriptor, module: ModuleText): void {
  const { type, init, encode, decode, empty, create } = module.own(message);
  emitMessageTypes(message, module);
  module.add(
    `export const ${type}: ${module.runtimeType("MessageType")}<${type}, ${init}> = ` +
      `/* @__PURE__ */ ${module.runtime("generatedMessage")}(\n  ${JSON.stringify(message.fullName)},\n` +
      `  { write: ${encode}, read: ${decode}, empty: ${empty}, create: ${create} },\n` +
      `  ${module.names.parts},\n  ${module.names.ofPart(message)},\n);`,
  );
  emitEncode(message, module);
  emitDecode(message, module);
  emitCreate(message, module);
}

/** Writes the wires of a file's maps and groups: last, because they look at the types of the values when they are made. */
export function emitFieldWires(messages: readonly MessageDescriptor[], module: ModuleText): void {
  for (const field of messages.flatMap((message) => message.fields)) {
    const { mapKey, type, delimited } = field;
    if (mapKey !== undefined) {
      const value = wireOf(field, module).replace(/\.wire$/, "");
      const key = module.scalarWire(mapKey, int64KeyFormOf(field, module.int64));
      emitWire(field, `${module.runtime("mapWire")}(${key}, ${value})`, module);
    } else if (delimited && type.kind === "message") {
      emitWire(field, `${module.runtime("groupOf")}(${field.number}, ${module.nameOf(type.message)})`, module);
    }
  }
}

/** Writes the wires of 64-bit integers that are not bigint: first, because wires of maps are made of them. */
export function emitInt64Wires(file: FileDescriptor, module: ModuleText): void {
  const add = (scalar: ScalarType, form: Int64Form | undefined): void => {
    const key = `${scalar} ${form}`;
    if (form === undefined || form === "bigint" || module.int64Wires.has(key)) return;
    const name = module.localName(`${scalar}As${form === "number" ? "Number" : "Text"}`, { key });
    module.int64Wires.set(key, name);
    const maker = module.runtime(form === "number" ? "int64AsNumber" : "int64AsText");
    module.add(`const ${name} = /* @__PURE__ */ ${maker}(${module.runtime(`${scalar}Wire`)});`);
  };
  const fields = allMessages(file).flatMap((message) => message.fields);
  for (const field of [...fields, ...allExtensions(file)]) {
    if (field.type.kind === "scalar") add(field.type.scalar, int64FormOf(field, module.int64));
    if (field.kind === "field" && field.mapKey !== undefined) add(field.mapKey, int64KeyFormOf(field, module.int64));
  }
}

function emitWire(field: FieldDescriptor, wire: string, module: ModuleText): void {
  module.add(`const ${fieldWireName(field, module)} = /* @__PURE__ */ ${wire};`);
}
