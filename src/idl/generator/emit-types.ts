// IDL layer, generator: the types of messages and enums: what you get and what you may pass.
import type { EnumDescriptor, MessageDescriptor } from "../descriptor.ts";
import { formatComments } from "./comments.ts";
import { formatLiteral } from "./literal.ts";
import type { ModuleText } from "./module-text.ts";
import { initTypeOf, type Property, propertiesOf, valueTypeOf } from "./properties.ts";

/** Writes the two interfaces of a message. */
export function emitMessageTypes(message: MessageDescriptor, module: ModuleText): void {
  const { type, init } = module.own(message);
  const properties = propertiesOf(message);
  const bytes = module.global("Uint8Array");
  const values = properties.map((one) => `${docOf(one)}  ${one.localName}: ${valueTypeOf(one, module)};\n`);
  const inits = properties.map((one) => `${docOf(one)}  readonly ${one.localName}?: ${initTypeOf(one, module)};\n`);
  module.add(
    `${formatComments(message.comments, message.options)}export interface ${type} {\n${values.join("")}` +
      `  /** Fields that the schema lacks, as they came. */\n  $unknown?: ${bytes};\n}`,
  );
  module.add(
    `/** What is accepted as \`${type}\`. */\nexport interface ${init} {\n${inits.join("")}` +
      `  readonly $unknown?: ${bytes} | undefined;\n}`,
  );
}

/** Writes an enum: the union of its names, and the type as a value. */
export function emitEnum(descriptor: EnumDescriptor, module: ModuleText): void {
  const name = module.nameOf(descriptor);
  const names = descriptor.values.map((value) => JSON.stringify(value.name));
  const numbers = Object.fromEntries(descriptor.values.map((value) => [value.name, value.number]));
  const docs = formatComments(descriptor.comments, descriptor.options);
  const members = descriptor.closed ? names : [...names, "number"];
  const union = members.join(" | ");
  const lines = union.length > 90 ? `\n  | ${members.join("\n  | ")}` : ` ${union}`;
  module.add(`${docs}export type ${name} =${lines};`);
  const typeArguments = descriptor.closed ? `${name}, ${name}` : `${module.global("Extract")}<${name}, string>`;
  const maker = module.runtime(descriptor.closed ? "generatedClosedEnum" : "generatedEnum");
  module.add(
    `export const ${name}: ${module.runtimeType("EnumType")}<${typeArguments}> = /* @__PURE__ */ ${maker}(\n` +
      `  ${JSON.stringify(descriptor.fullName)},\n  ${formatLiteral(numbers, 2)},\n` +
      `  ${module.names.parts},\n  ${module.names.ofPart(descriptor)},\n);`,
  );
}

function docOf({ comments, options }: Property): string {
  return formatComments(comments, options, "  ");
}
