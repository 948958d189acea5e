// IDL layer, generator: everything about one message.
import type { FieldDescriptor, MessageDescriptor } from "../descriptor.ts";
import { emitCreate } from "./emit-create.ts";
import { emitDecode } from "./emit-decode.ts";
import { emitEncode, fieldWireName, wireOf } from "./emit-encode.ts";
import { emitMessageTypes } from "./emit-types.ts";
import type { ModuleText } from "./module-text.ts";

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
      emitWire(field, `${module.runtime("mapWire")}(${module.runtime(`${mapKey}Wire`)}, ${value})`, module);
    } else if (delimited && type.kind === "message") {
      emitWire(field, `${module.runtime("groupOf")}(${field.number}, ${module.nameOf(type.message)})`, module);
    }
  }
}

function emitWire(field: FieldDescriptor, wire: string, module: ModuleText): void {
  module.add(`const ${fieldWireName(field, module)} = /* @__PURE__ */ ${wire};`);
}
