// Marshal layer: required fields. A decoder only notes that something lacked one: the rest of a message may come later, to be
// merged. Then, and only then, the whole message is walked.
import type { FieldDescriptor, MessageDescriptor } from "../idl/descriptor.ts";
import { entrySegment, inField, missingField } from "./errors.ts";

type Fields = { readonly [localName: string]: unknown };

/** Refuses a decoded message in which a required field is not set, at any depth. Extensions are not looked into. */
export function assertRequired(descriptor: MessageDescriptor, message: unknown): void {
  for (const field of descriptor.fields) {
    if (field.oneof !== undefined) continue;
    const value = (message as Fields)[field.localName];
    if (value !== undefined) assertInside(field, value, field.localName);
    else if (field.required === true) throw missingField(field.localName);
  }
  for (const { localName, fields } of descriptor.oneofs) {
    const chosen = (message as Fields)[localName] as { readonly kind: string; readonly value: unknown } | undefined;
    const field = fields.find((one) => one.localName === chosen?.kind);
    if (field !== undefined) assertInside(field, chosen?.value, `${localName}.value`);
  }
}

/** The same for the messages that a field holds. */
function assertInside(field: FieldDescriptor, value: unknown, name: string): void {
  const { type, cardinality } = field;
  if (type.kind !== "message") return;
  const assertOne = (message: unknown, segment: string): void => {
    try {
      assertRequired(type.message, message);
    } catch (error) {
      throw inField(error, segment);
    }
  };
  if (cardinality === "singular") assertOne(value, name);
  else if (cardinality === "repeated") {
    for (const [index, message] of (value as readonly unknown[]).entries()) assertOne(message, `${name}[${index}]`);
  } else {
    for (const [key, message] of value as ReadonlyMap<unknown, unknown>) {
      assertOne(message, name + entrySegment(key));
    }
  }
}
