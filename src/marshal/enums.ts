// Marshal layer: enums. A value is its name as written. A number that the schema lacks stays that number when the enum is
// open; when it is closed, the field goes to the unknown fields of the message that holds it.
import { maxVarint32Bytes, putVarint32 } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { EnumDescriptor } from "../idl/descriptor.ts";
import { MarshalError, outOfRange, wrongType } from "./errors.ts";
import { enterRun } from "./lists.ts";
import { readInt32, writeInt32 } from "./scalars.ts";
import { type HasUnknown, keepBytes, wireTypes } from "./tags.ts";
import type { EnumType } from "./types.ts";
import type { Wire } from "./wire.ts";

/** An enum type, with what encoders and decoders call. */
class EnumOfNames<Name extends string> implements EnumType<Name> {
  readonly kind = "enum";
  readonly typeName: string;
  readonly values: { readonly [name in Name]: number };
  readonly closed: boolean;
  readonly wire: Wire<Name | number>;
  readonly #describe: () => EnumDescriptor;
  #descriptor: EnumDescriptor | undefined;

  constructor(
    typeName: string,
    values: { readonly [name in Name]: number },
    describe: () => EnumDescriptor,
    closed: boolean,
  ) {
    this.typeName = typeName;
    this.values = values;
    this.closed = closed;
    this.#describe = describe;
    this.wire = enumWire(typeName, values, closed);
  }

  get descriptor(): EnumDescriptor {
    this.#descriptor ??= this.#describe();
    return this.#descriptor;
  }
}

/**
 * Makes an enum type of its names and numbers. Of names with one number the first is the one that is read. A closed enum
 * refuses other numbers.
 */
export function enumType<Name extends string>(
  typeName: string,
  values: { readonly [name in Name]: number },
  describe: () => EnumDescriptor,
  closed = false,
): EnumType<Name> {
  return new EnumOfNames(typeName, values, describe, closed);
}

/**
 * Reads a value of a closed enum, whose tag was just read. One that the enum lacks goes to the message's unknown fields,
 * and undefined is given.
 */
export function readClosed<Value>(from: Reader, wire: Wire<Value>, message: HasUnknown): Value | undefined {
  const start = from.mark;
  const value = wire.read(from);
  if (typeof value !== "number") return value;
  keepBytes(message, from.bytes, start, from.position);
  return undefined;
}

/** Reads a packed run of a closed enum. Each value that it lacks becomes an unknown field, behind `tag`. */
export function readClosedRun<Value>(
  from: Reader,
  values: Value[],
  wire: Wire<Value>,
  { message, tag }: { readonly message: HasUnknown; readonly tag: number },
): void {
  const outerEnd = enterRun(from);
  while (from.position < from.end) {
    const start = from.position;
    const value = wire.read(from);
    if (typeof value !== "number") values.push(value);
    else {
      const field = new Uint8Array(maxVarint32Bytes + from.position - start);
      const behindTag = putVarint32(field, 0, tag);
      field.set(from.bytes.subarray(start, from.position), behindTag);
      keepBytes(message, field, 0, behindTag + from.position - start);
    }
  }
  from.end = outerEnd;
}

/** True for a value that a field without presence writes: all but zero, by whatever name. */
export function isNonZero<Name extends string>(
  type: EnumType<Name>,
  value: Name | number | undefined,
): value is Name | number {
  return value !== undefined && value !== 0 && (typeof value !== "string" || type.values[value] !== 0);
}

function enumWire<Name extends string>(
  typeName: string,
  values: { readonly [name in Name]: number },
  closed: boolean,
): Wire<Name | number> {
  const numbers = new Map<unknown, number>(Object.entries(values) as [string, number][]);
  const names = new Map<number, Name>();
  for (const [name, number] of numbers) if (!names.has(number)) names.set(number, name as Name);
  const [first = 0] = closed ? numbers.values() : [];
  const toName = (number: number): Name | number => names.get(number) ?? number;
  const toNumber = (value: Name | number, path: string): number => {
    const number = numbers.get(value);
    if (number !== undefined) return number;
    if (typeof value === "number") {
      if ((value | 0) !== value) throw outOfRange("a 32-bit integer", value, path);
      if (closed && !names.has(value)) {
        throw new MarshalError("unknown-name", `${typeName} is closed and has no value ${value}`, { path });
      }
      return value;
    }
    if (typeof value !== "string") throw wrongType(`a value of ${typeName}`, value, path);
    throw new MarshalError("unknown-name", `${typeName} has no value ${JSON.stringify(value)}`, { path });
  };
  return {
    wireType: wireTypes.varint,
    write: (into, at, tag, value, path) => writeInt32(into, at, tag, toNumber(value, path), path),
    read: (from) => toName(readInt32(from)),
    empty: () => toName(first),
    create: (value) => (typeof value === "number" ? toName(value) : value),
  };
}
