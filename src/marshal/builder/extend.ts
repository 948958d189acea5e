// Marshal layer, builder: extensions written in TypeScript: fields that are added to a message from outside of it.
import { extensionType } from "../extensions.ts";
import type { Extension, MessageType } from "../types.ts";
import { assertDefault, assertFullName, assertNumber } from "./check.ts";
import { type AnyMessageType, define, definitionOf } from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import { describeExtension } from "./describe.ts";
import type { Field, SingularField } from "./fields.ts";
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
  assertNumber(field.number, fullName);
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
