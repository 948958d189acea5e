// Marshal layer, builder: extensions written in TypeScript: fields that are added to a message from outside of it.
import type { ExtensionDescriptor } from "../../idl/descriptor.ts";
import { describeFile } from "../../idl/generator/describe.ts";
import type { ExtensionOutline } from "../../idl/generator/outline.ts";
import { extensionType } from "../extensions.ts";
import type { Extension, MessageType } from "../types.ts";
import { assertFullName, assertNumber, isAmong } from "./check.ts";
import { DefinitionError } from "./definition-error.ts";
import {
  defaultOutline,
  definitionOf,
  featureOptions,
  jstypeOf,
  lastName,
  placeOf,
  saidOptions,
  typeOutlineOf,
} from "./describe.ts";
import type { Field, SingularField } from "./fields.ts";
import { wireOf } from "./plan.ts";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
type AnyMessageType = MessageType<any, any>;

/**
 * Defines an extension of a message: `extend(Order, "dirs.owner", string(100))`. The message must have set its number aside,
 * `message(..., { extensions: [[100, 199]] })`, or `extensions 100 to 199;` in a `.proto`. Throws a `DefinitionError`: at once
 * for messages of the builder, on first use for others.
 */
export function extend<Message, Element, ElementInit>(
  extendee: MessageType<Message, never>,
  fullName: string,
  field: SingularField<Element, ElementInit, unknown>,
): Extension<Message, Element | undefined, ElementInit>;
/** The same for a list: `extend(Order, "dirs.tags", repeated(string(101)))`. */
export function extend<Message, Value, Init>(
  extendee: MessageType<Message, never>,
  fullName: string,
  field: Field<Value, Init>,
): Extension<Message, Value, NonNullable<Init>>;
export function extend(extendee: AnyMessageType, fullName: string, field: Field): Extension {
  assertFullName(fullName);
  assertNumber(field.number, fullName);
  if (field.kind !== "field" || field.cardinality === "map" || field.required === true) {
    throw new DefinitionError("bad-type", fullName, "an extension is one field, neither a map nor required");
  }
  const definition = definitionOf(extendee);
  if (definition !== undefined && !isAmong(field.number, definition.options.extensions ?? [])) {
    const advice = `${extendee.typeName} has not set the number ${field.number} aside: name it in its extensions`;
    throw new DefinitionError("bad-number", fullName, advice);
  }
  return extensionType(
    fullName,
    () => wireOf(field),
    () => describeExtension(extendee, fullName, field),
  );
}

function describeExtension(extendee: AnyMessageType, fullName: string, field: Field): ExtensionDescriptor {
  const ranges = extendee.descriptor.extensionRanges ?? [];
  if (!ranges.some(({ from, to }) => field.number >= from && field.number < to)) {
    const advice = `${extendee.typeName} has not set the number ${field.number} aside for extensions`;
    throw new DefinitionError("bad-number", fullName, advice);
  }
  const { content, cardinality, packed, number, options, delimited } = field;
  const repeated = cardinality === "repeated";
  const isMessage = content.kind === "type" && content.find().kind === "message";
  const features = {
    ...(repeated && !packed && !isMessage ? { repeated_field_encoding: "EXPANDED" } : {}),
    ...(delimited === true && isMessage ? { message_encoding: "DELIMITED" } : {}),
  };
  const outline: ExtensionOutline = {
    name: lastName(fullName),
    number,
    type: typeOutlineOf(field),
    extendee: `.${extendee.typeName}`,
    ...(repeated ? { repeated } : {}),
    ...(options.default === undefined ? {} : { default: defaultOutline(field) }),
    options: { ...featureOptions(features), ...jstypeOf(options), ...saidOptions(options) },
  };
  const files = new Set([extendee.descriptor.file]);
  if (content.kind === "type") files.add(content.find().descriptor.file);
  const file = describeFile({ ...placeOf(fullName), syntax: "editions", extensions: [outline] }, [...files]);
  return (file.extensions as readonly ExtensionDescriptor[])[0] as ExtensionDescriptor;
}
