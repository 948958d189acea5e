// Marshal layer, text format: what is looked up again and again in descriptors, kept by whoever formats and parses.
import type { ExtensionDescriptor, FieldDescriptor, MessageDescriptor } from "../../idl/descriptor.ts";
import { isGroup } from "../../idl/features.ts";
import { EnumTables } from "../enum-tables.ts";

/** What text says of a message: its fields, and the extensions that are known. */
export type AnyField = FieldDescriptor | ExtensionDescriptor;

/** How a field is called in text: a group by its message, an extension by its full name in brackets. */
export function textNameOf(field: AnyField): string {
  if (field.kind === "extension") return `[${field.fullName}]`;
  return isGroup(field) ? field.type.message.name : field.name;
}

/** The fields of messages, in tables made when first asked for. */
export class TextSchema {
  readonly enums = new EnumTables();
  readonly #inOrder = new Map<MessageDescriptor, readonly FieldDescriptor[]>();
  readonly #byName = new Map<MessageDescriptor, ReadonlyMap<string, FieldDescriptor>>();

  /** The fields in the order in which they are written: by number. */
  inOrder(message: MessageDescriptor): readonly FieldDescriptor[] {
    let fields = this.#inOrder.get(message);
    if (fields === undefined) {
      fields = message.fields.toSorted((one, other) => one.number - other.number);
      this.#inOrder.set(message, fields);
    }
    return fields;
  }

  /** A field by its name; a group by that of its message, too. */
  findField(message: MessageDescriptor, name: string): FieldDescriptor | undefined {
    let table = this.#byName.get(message);
    if (table === undefined) {
      const groups = message.fields.filter(isGroup) as readonly FieldDescriptor[];
      table = new Map([
        ...groups.map((field) => [textNameOf(field), field] as const),
        ...message.fields.map((field) => [field.name, field] as const),
      ]);
      this.#byName.set(message, table);
    }
    return table.get(name);
  }
}
