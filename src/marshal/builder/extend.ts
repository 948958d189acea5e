// Marshal layer, builder: extensions written in TypeScript: fields that are added to a message from outside of it.
import { getOption } from "../../idl/option-record.ts";
import { extensionType } from "../extensions.ts";
import type { Extension, MessageType } from "../types.ts";
import { assertDefault, assertFullName, assertNumber } from "./check.ts";
import { type AnyMessageType, define, definitionOf } from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import { describeExtension } from "./describe.ts";
import type { Field, SingularField } from "./fields.ts";
import { recordOf } from "./options.ts";
import { wireOf } from "./plan.ts";
import { isAmong, numbersOf } from "./ranges.ts";

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
  assertNumber(field.number, fullName, isMessageSet(extendee) ? maxSetNumber : undefined);
  if (field.kind !== "field" || field.cardinality === "map" || field.required === true) {
    throw new DefinitionError("bad-type", fullName, "an extension is one field, neither a map nor required");
  }
  if (field.options.jsonName !== undefined) {
    throw new DefinitionError("bad-option", fullName, "an extension goes by its full name in JSON: it has no jsonName");
  }
  assertDefault(field, fullName, true);
  const definition = definitionOf(extendee);
  if (definition !== undefined && !isAmong(field.number, numbersOf(definition.options.extensions ?? []))) {
    const advice = `${extendee.typeName} has not set the number ${field.number} aside: name it in its extensions`;
    throw new DefinitionError("bad-number", fullName, advice);
  }
  const extension: Extension = define(
    extensionType(
      fullName,
      () => wireOf(field),
      () => {
        assertRoom(extendee, fullName, field.number);
        return describeExtension(extension);
      },
    ),
    { kind: "extension", home: {}, extendee, field },
  );
  return extension;
}

/** Numbers in a message set are types, and go further than those of fields. */
const maxSetNumber = 0x7fff_fffe;

/** Whether a message is a message set, or may be one: that of others is not described yet. */
function isMessageSet(extendee: AnyMessageType): boolean {
  const definition = definitionOf(extendee);
  return definition === undefined || getOption(recordOf(definition.options), "message_set_wire_format") === true;
}

/** Refuses a number that a message of others has not set aside; whether a feature has its number is the linker's to say. */
function assertRoom({ descriptor, typeName }: AnyMessageType, fullName: string, number: number): void {
  if (typeName === "google.protobuf.FeatureSet") return;
  const ranges = descriptor.extensionRanges ?? [];
  if (ranges.some(({ from, to }) => number >= from && number < to)) return;
  throw new DefinitionError(
    "bad-number",
    fullName,
    `${typeName} has not set the number ${number} aside for extensions`,
  );
}
