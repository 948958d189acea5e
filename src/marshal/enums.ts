// Marshal layer: enums. A value is its name as written; a number that the schema lacks stays that number (open enums).
import type { EnumDescriptor } from "../idl/descriptor.ts";
import { MarshalError, outOfRange, wrongType } from "./errors.ts";
import { readInt32, writeInt32 } from "./scalars.ts";
import { wireTypes } from "./tags.ts";
import type { EnumType } from "./types.ts";
import type { Wire } from "./wire.ts";

/** An enum type, with what encoders and decoders call. */
class EnumOfNames<Name extends string> implements EnumType<Name> {
  readonly kind = "enum";
  readonly typeName: string;
  readonly values: { readonly [name in Name]: number };
  readonly wire: Wire<Name | number>;
  readonly #describe: () => EnumDescriptor;
  #descriptor: EnumDescriptor | undefined;

  constructor(typeName: string, values: { readonly [name in Name]: number }, describe: () => EnumDescriptor) {
    this.typeName = typeName;
    this.values = values;
    this.#describe = describe;
    this.wire = enumWire(typeName, values);
  }

  get descriptor(): EnumDescriptor {
    this.#descriptor ??= this.#describe();
    return this.#descriptor;
  }
}

/** Makes an enum type of its names and numbers. Of names with one number the first is the one that is read. */
export function enumType<Name extends string>(
  typeName: string,
  values: { readonly [name in Name]: number },
  describe: () => EnumDescriptor,
): EnumType<Name> {
  return new EnumOfNames(typeName, values, describe);
}

/** True for a value that a field without presence writes: all but zero, by whatever name. */
export function isNonZero<Name extends string>(
  type: EnumType<Name>,
  value: Name | number | undefined,
): value is Name | number {
  return value !== undefined && value !== 0 && type.values[value as Name] !== 0;
}

function enumWire<Name extends string>(
  typeName: string,
  values: { readonly [name in Name]: number },
): Wire<Name | number> {
  const numbers = new Map<unknown, number>(Object.entries(values) as [string, number][]);
  const names = new Map<number, Name>();
  for (const [name, number] of numbers) if (!names.has(number)) names.set(number, name as Name);
  const toName = (number: number): Name | number => names.get(number) ?? number;
  const toNumber = (value: Name | number, path: string): number => {
    const number = numbers.get(value);
    if (number !== undefined) return number;
    if (typeof value === "number") {
      if ((value | 0) !== value) throw outOfRange("a 32-bit integer", value, path);
      return value;
    }
    if (typeof value !== "string") throw wrongType(`a value of ${typeName}`, value, path);
    throw new MarshalError("unknown-name", `${typeName} has no value ${JSON.stringify(value)}`, { path });
  };
  return {
    wireType: wireTypes.varint,
    write: (into, value, path) => writeInt32(into, toNumber(value, path), path),
    read: (from) => toName(readInt32(from)),
    empty: () => toName(0),
    create: (value) => (typeof value === "number" ? toName(value) : value),
  };
}
