// Marshal layer, builder: message and enum types written in TypeScript. Rules are checked here and now; how values are
// written is worked out on first use, when types that hold each other all exist.
import { enumType } from "../enums.ts";
import { type MessageFields, messageType } from "../message-type.ts";
import type { EnumType, MessageType } from "../types.ts";
import { assertFields, assertFullName, isAmong } from "./check.ts";
import { DefinitionError } from "./definition-error.ts";
import { type Definition, definitionKey, describeEnum, describeMessage, type TypeOptions } from "./describe.ts";
import { type OpenMessage, planMessage } from "./plan.ts";
import type { FieldRecord, InitShape, MessageShape } from "./shapes.ts";

/**
 * Defines a message type: `message("dirs.MakeDirArgs", { path: string(1) })`. Properties are lowerCamelCase; in a `.proto`
 * they are snake_case. Throws a `DefinitionError`.
 */
export function message<const Fields extends FieldRecord>(
  fullName: string,
  fields: Fields,
  options: TypeOptions = {},
): MessageType<MessageShape<Fields>, InitShape<Fields>> {
  assertFullName(fullName);
  assertFields(fullName, fields, options);
  const definition: Definition = { fields, options };
  const type: MessageType<OpenMessage, OpenMessage> = Object.assign(
    messageType(fullName, lateFields(fields), () => describeMessage(type)),
    { [definitionKey]: definition },
  );
  return type as unknown as MessageType<MessageShape<Fields>, InitShape<Fields>>;
}

/** The functions of a message, made when one is first called. */
export function lateFields(fields: FieldRecord): MessageFields<OpenMessage, OpenMessage> {
  let made: MessageFields<OpenMessage, OpenMessage> | undefined;
  const plan = (): MessageFields<OpenMessage, OpenMessage> => {
    made ??= planMessage(fields);
    return made;
  };
  return {
    write: (into, value, depth) => plan().write(into, value, depth),
    read: (from, value) => plan().read(from, value),
    empty: () => plan().empty(),
    create: (init) => plan().create(init),
  };
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
export function enumeration<const Values extends { readonly [name: string]: number }>(
  fullName: string,
  values: Values,
  options: EnumOptions & { readonly closed: true },
): EnumType<keyof Values & string, keyof Values & string>;
export function enumeration<const Values extends { readonly [name: string]: number }>(
  fullName: string,
  values: Values,
  options?: EnumOptions,
): EnumType<keyof Values & string>;
export function enumeration(
  fullName: string,
  values: { readonly [name: string]: number },
  options: EnumOptions = {},
): EnumType {
  assertFullName(fullName);
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
  const type: EnumType = enumType(fullName, values, () => describeEnum(type, options), options.closed);
  return type;
}
