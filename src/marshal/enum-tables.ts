// Marshal layer: the values of enums by name and by number, for formats that write names.
import type { EnumDescriptor } from "../idl/descriptor.ts";

/** Names and numbers of an enum. Of names with one number the first is written. */
export interface EnumTable {
  readonly byName: ReadonlyMap<string, number>;
  readonly byNumber: ReadonlyMap<number, string>;
}

/** Tables of enums, made when first asked for. */
export class EnumTables {
  readonly #enums = new Map<EnumDescriptor, EnumTable>();

  of(descriptor: EnumDescriptor): EnumTable {
    let table = this.#enums.get(descriptor);
    if (table === undefined) {
      const { values } = descriptor;
      table = {
        byName: new Map(values.map(({ name, number }) => [name, number])),
        byNumber: new Map(values.map(({ name, number }) => [number, name] as const).toReversed()),
      };
      this.#enums.set(descriptor, table);
    }
    return table;
  }
}
