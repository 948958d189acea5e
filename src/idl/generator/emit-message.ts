// IDL layer, generator: everything about one message.
import type { MessageDescriptor } from "../descriptor.ts";
import { emitCreate } from "./emit-create.ts";
import { emitDecode } from "./emit-decode.ts";
import { emitEncode, mapWireName, wireOf } from "./emit-encode.ts";
import { emitMessageTypes } from "./emit-types.ts";
import type { ModuleText } from "./module-text.ts";

/** Writes the types of a message, its type as a value, and the functions behind that. */
export function emitMessage(message: MessageDescriptor, module: ModuleText): void {
  const { type, init, encode, decode, empty, create } = module.own(message);
  emitMessageTypes(message, module);
  module.add(
    `export const ${type}: ${module.runtimeType("MessageType")}<${type}, ${init}> = ` +
      `/* @__PURE__ */ ${module.runtime("generatedMessage")}(\n  ${JSON.stringify(message.fullName)},\n` +
      `  { write: ${encode}, read: ${decode}, empty: ${empty}, create: ${create} },\n  ${module.names.file},\n);`,
  );
  emitEncode(message, module);
  emitDecode(message, module);
  emitCreate(message, module);
}

/** Writes the wires of a file's map fields: last, because they look at the types of the values when they are made. */
export function emitMapWires(messages: readonly MessageDescriptor[], module: ModuleText): void {
  for (const field of messages.flatMap((message) => message.fields)) {
    if (field.mapKey === undefined) continue;
    const value = wireOf(field, module).replace(/\.wire$/, "");
    module.add(
      `const ${mapWireName(field, module)} = /* @__PURE__ */ ${module.runtime("mapWire")}` +
        `(${module.runtime(`${field.mapKey}Wire`)}, ${value});`,
    );
  }
}
