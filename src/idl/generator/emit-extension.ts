// IDL layer, generator: extensions, each a value of its own, so that a bundler keeps only those that are used.
import type { ExtensionDescriptor } from "../descriptor.ts";
import { int64FormOf } from "../int64-form.ts";
import { formatComments } from "./comments.ts";
import type { ModuleText } from "./module-text.ts";
import { extensionInitType, valueTypeOf } from "./properties.ts";

/** Writes an extension. */
export function emitExtension(extension: ExtensionDescriptor, module: ModuleText): void {
  const { extendee, fullName, comments, options } = extension;
  const types = [module.messageTypeOf(extendee), valueTypeOf(extension, module), extensionInitType(extension, module)];
  module.add(
    `${formatComments(comments, options)}export const ${module.names.ofExtension(extension)}: ` +
      `${module.runtimeType("Extension")}<${types.join(", ")}> = /* @__PURE__ */ ${module.runtime("generatedExtension")}(\n` +
      `  ${JSON.stringify(fullName)},\n  () => ${wireText(extension, module)},\n  ${module.names.file},\n);`,
  );
}

function wireText(extension: ExtensionDescriptor, module: ModuleText): string {
  const { type, number, delimited } = extension;
  if (type.kind === "scalar") return module.scalarWire(type.scalar, int64FormOf(extension, module.int64));
  const name = module.nameOf(type.kind === "enum" ? type.enum : type.message);
  return delimited ? `${module.runtime("groupOf")}(${number}, ${name})` : `${name}.wire`;
}
