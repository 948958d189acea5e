// Marshal layer, builder: message and enum types written in TypeScript. Rules are checked here and now; how values are
// written is worked out on first use, when types that hold each other all exist.
import { enumType } from "../enums.ts";
import { type MessageFields, messageType } from "../message-type.ts";
import type { EnumType, MessageType } from "../types.ts";
import { assertFields, assertFullName } from "./check.ts";
import {
  type AnyMessageType,
  type Declared,
  define,
  definitionOf,
  type EnumValue,
  lastName,
  type MessageOptions,
  type Nestable,
  packageOf,
  type TypeOptions,
} from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import { describeEnum, describeMessage } from "./describe.ts";
import type { Said } from "./options.ts";
import { type OpenMessage, planMessage } from "./plan.ts";
import { isAmong } from "./ranges.ts";
import type { FieldRecord, InitShape, MessageShape } from "./shapes.ts";

/**
 * Defines a message type: `message("dirs.MakeDirArgs", { path: string(1) })`. Properties are lowerCamelCase; in a `.proto`
 * they are snake_case. Throws a `DefinitionError`.
 */
export function message<const Fields extends FieldRecord>(
  fullName: string,
  fields: Fields,
  options: MessageOptions = {},
): MessageType<MessageShape<Fields>, InitShape<Fields>> {
  assertFullName(fullName);
  assertFields(fullName, fields, options);
  const type: MessageType<OpenMessage, OpenMessage> = define(
    messageType(fullName, lateFields(fields), () => describeMessage(type)),
    { kind: "message", home: {}, fields, options },
  );
  for (const nested of options.nested ?? []) adopt(type, nested);
  return type as unknown as MessageType<MessageShape<Fields>, InitShape<Fields>>;
}

/** Notes that a type or an extension is declared in a message. */
function adopt(parent: AnyMessageType, nested: Nestable): void {
  const home = definitionOf(nested as Declared)?.home;
  const refuse = (code: "bad-type" | "bad-name" | "duplicate", advice: string): DefinitionError =>
    new DefinitionError(code, nested.typeName, advice);
  if (home === undefined) throw refuse("bad-type", "it was not written with the builder: it has its place");
  if (packageOf(nested.typeName) !== parent.typeName) {
    throw refuse(
      "bad-name",
      `what is nested in ${parent.typeName} is called ${parent.typeName}.${lastName(nested.typeName)}`,
    );
  }
  if (home.parent !== undefined) throw refuse("duplicate", "it is nested twice");
  if (home.contract !== undefined) throw refuse("bad-type", `it is in ${home.contract.name} by itself`);
  if (home.file !== undefined) throw refuse("bad-type", "it was described before it was nested");
  home.parent = parent;
}

/** The functions of a message, made when one is first called. */
export function lateFields(fields: FieldRecord): MessageFields<OpenMessage, OpenMessage> {
  let made: MessageFields<OpenMessage, OpenMessage> | undefined;
  const plan = (): MessageFields<OpenMessage, OpenMessage> => {
    made ??= planMessage(fields);
    return made;
  };
  return {
    write: (into, at, value, depth) => plan().write(into, at, value, depth),
    read: (from, value) => plan().read(from, value),
    empty: () => plan().empty(),
    create: (init) => plan().create(init),
  };
}

/** Says more about a value of an enum: `{ OLD: enumValue(2, { deprecated: true }) }`. */
export function enumValue(number: number, said: Said = {}): EnumValue {
  return { ...said, kind: "enum-value", number };
}

/** The values of an enum by their names, each a number or `enumValue(...)`. */
export interface EnumValues {
  readonly [name: string]: number | EnumValue;
}

/** What may be said about an enum besides its values. */
export interface EnumOptions extends TypeOptions {
  /** Two names may have one number. */
  readonly allowAlias?: boolean;
  /** Numbers that it lacks are no values, but unknown fields of the message that holds them. Default false. */
  readonly closed?: boolean;
}

/**
 * Defines an enum type: `enumeration("dirs.Kind", { UNKNOWN: 0, FILE: 1 })`. The first value must be 0, unless the enum is
 * closed: it is what a field holds that is not set. Throws a `DefinitionError`.
 */
export function enumeration<const Values extends EnumValues>(
  fullName: string,
  values: Values,
  options: EnumOptions & { readonly closed: true },
): EnumType<keyof Values & string, keyof Values & string>;
export function enumeration<const Values extends EnumValues>(
  fullName: string,
  values: Values,
  options?: EnumOptions,
): EnumType<keyof Values & string>;
export function enumeration(fullName: string, init: EnumValues, options: EnumOptions = {}): EnumType {
  assertFullName(fullName);
  const described = Object.entries(init).map(
    ([name, value]) => [name, typeof value === "number" ? enumValue(value) : value] as const,
  );
  const values = Object.fromEntries(described.map(([name, { number }]) => [name, number]));
  const reserved = options.reserved ?? {};
  const numbers = new Map<number, string>();
  for (const [name, number] of Object.entries(values)) {
    const subject = `${fullName}.${name}`;
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new DefinitionError("bad-name", subject, "expected letters, digits and _");
    if ((number | 0) !== number) throw new DefinitionError("bad-number", subject, `${number} is no 32-bit integer`);
    if (numbers.size === 0 && number !== 0 && options.closed !== true)
      throw new DefinitionError("bad-number", subject, "the first value must be 0");
    const taken = numbers.get(number);
    if (taken !== undefined && options.allowAlias !== true) {
      throw new DefinitionError("duplicate", subject, `${taken} has the number ${number} already`);
    }
    if (isAmong(number, reserved.numbers ?? [])) {
      throw new DefinitionError("reserved", subject, `the number ${number} is reserved`);
    }
    if (reserved.names?.includes(name)) throw new DefinitionError("reserved", subject, "the name is reserved");
    numbers.set(number, name);
  }
  if (numbers.size === 0) throw new DefinitionError("bad-type", fullName, "an enum needs a value");
  const type: EnumType = define(
    enumType(fullName, values, () => describeEnum(type), options.closed),
    { kind: "enum", home: {}, values: described, options },
  );
  return type;
}
