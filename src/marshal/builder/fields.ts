// Marshal layer, builder: fields of a message, written in TypeScript with their numbers: `path: string(1)`. A field is plain
// data with its types carried along; `message` makes a type of them.
import type { ScalarType } from "../../idl/descriptor.ts";
import type { Int64Form } from "../../idl/int64-form.ts";
import type { MapInit, MapKey } from "../maps.ts";
import type { EnumType, InitOf, MessageOf, MessageType } from "../types.ts";
import type { Annotated, Said } from "./options.ts";

/** What may be said about a field besides its type and number. */
export interface FieldOptions extends Said {
  /** The name in ProtoJSON, when it is not the property's own. */
  readonly jsonName?: string;
}

/** What may be said about a field of one value besides. */
export interface ValueOptions<Init = unknown> extends FieldOptions {
  /** What it is read as while it is not set, see `defaults` of a message type. Only for what is `optional` or `required`. */
  readonly default?: Init;
}

/** What may be said about a field of a message or an enum. A default is an enum's only. */
export interface TypeFieldOptions<Init = unknown> extends ValueOptions<Init> {
  /** Of a message: it stands between a start and an end tag, as groups of proto2 did, and not behind a length. Default false. */
  readonly delimited?: boolean;
}

/** What may be said about a field of 64-bit integers besides. */
export interface Int64Options<Form extends Int64Form = Int64Form> extends ValueOptions<bigint | number> {
  /** How TypeScript sees the value: `jstype` in a `.proto`. A number beyond 2^53 - 1 is refused both ways. Default bigint. */
  readonly as?: Form;
}

/** What may be said about a list. */
export interface RepeatedOptions {
  /** False: numbers are written one by one, as proto2 did. Default true. */
  readonly packed?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
type AnyMessageType = MessageType<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the same for enums
type AnyEnumType = EnumType<any, any>;

/** What a field holds. Types are looked up late, so that a message can hold itself. */
export type FieldContent =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | {
      readonly kind: "type";
      readonly find: () => AnyMessageType | AnyEnumType;
      /** It was given itself, and not a function that finds it: it may be looked at at once. */
      readonly isKnown?: boolean;
    };

/** A field as `message` takes it: `Value` is its property in a message, `Init` what may be passed. */
export interface Field<Value = unknown, Init = Value> {
  readonly kind: "field";
  readonly number: number;
  readonly content: FieldContent;
  readonly cardinality: "singular" | "repeated" | "map";
  /** Set by `optional`: it is known whether the field was set. */
  readonly optional: boolean;
  /** Set by `required`: it must be set when it is written, and when it was read. */
  readonly required?: boolean;
  /** A message between a start and an end tag. */
  readonly delimited?: boolean;
  /** Only when `cardinality` is "map". */
  readonly mapKey: ScalarType | undefined;
  /** Only of descriptors: the form of a map's 64-bit keys. */
  readonly keyAs?: Int64Form;
  readonly packed: boolean;
  readonly options: ValueOptions & Pick<Int64Options, "as">;
  /** Carries the types; never there at run time. */
  readonly types?: { readonly value: Value; readonly init: Init };
}

/** A field of one value, which `optional`, `repeated`, `map` and `oneof` may wrap. `Element` is the value without absence. */
export interface SingularField<Element, ElementInit, Value = Element> extends Field<Value, ElementInit | undefined> {
  readonly cardinality: "singular";
  /** Carries the types; never there at run time. */
  readonly elements?: { readonly value: Element; readonly init: ElementInit };
}

/** A scalar type of protobuf: call it with a field number, or name it as a map's key. */
export interface Scalar<Name extends ScalarType, Value, Init = Value> {
  (number: number, options?: ValueOptions<Init>): SingularField<Value, Init>;
  readonly scalar: Name;
  /** Carries the type of a map's keys; never there at run time. */
  readonly keys?: Value;
}

/** A 64-bit scalar type, whose values are bigint unless a field says otherwise: `int64(3, { as: "number" })`. */
export interface Int64Scalar<Name extends ScalarType> {
  <Form extends Int64Form = "bigint">(
    number: number,
    options?: Int64Options<Form>,
  ): SingularField<Int64Values[Form], Int64Inits[Form]>;
  readonly scalar: Name;
  /** Carries the type of a map's keys; never there at run time. */
  readonly keys?: bigint;
}
interface Int64Values {
  readonly bigint: bigint;
  readonly number: number;
  readonly string: string;
}
interface Int64Inits {
  readonly bigint: bigint | number;
  readonly number: number | bigint;
  readonly string: string | bigint | number;
}

function wide<Name extends ScalarType>(name: Name): Int64Scalar<Name> {
  return scalar<Name, never>(name) as unknown as Int64Scalar<Name>;
}

function scalar<Name extends ScalarType, Value, Init = Value>(name: Name): Scalar<Name, Value, Init> {
  const make = (number: number, options: ValueOptions<Init> = {}): SingularField<Value, Init> =>
    singular(number, { kind: "scalar", scalar: name }, options);
  return Object.assign(make, { scalar: name });
}

function singular(number: number, content: FieldContent, options: ValueOptions) {
  return {
    kind: "field",
    number,
    content,
    cardinality: "singular",
    optional: false,
    mapKey: undefined,
    packed: false,
    options,
  } as const;
}

/** A 64-bit IEEE 754 number. */
export const double = /* @__PURE__ */ scalar<"double", number>("double");
/** A 32-bit IEEE 754 number: what is passed is rounded to the nearest. */
export const float = /* @__PURE__ */ scalar<"float", number>("float");
/** -2^31 to 2^31-1; negative ones take ten bytes, see `sint32`. */
export const int32 = /* @__PURE__ */ scalar<"int32", number>("int32");
/** -2^63 to 2^63-1, as bigint; safe integers are accepted as numbers. Negative ones take ten bytes, see `sint64`. */
export const int64 = /* @__PURE__ */ wide("int64");
/** 0 to 2^32-1. */
export const uint32 = /* @__PURE__ */ scalar<"uint32", number>("uint32");
/** 0 to 2^64-1, as bigint; safe integers are accepted as numbers. */
export const uint64 = /* @__PURE__ */ wide("uint64");
/** -2^31 to 2^31-1, short for numbers near zero of either sign. */
export const sint32 = /* @__PURE__ */ scalar<"sint32", number>("sint32");
/** -2^63 to 2^63-1, as bigint, short for numbers near zero of either sign. */
export const sint64 = /* @__PURE__ */ wide("sint64");
/** 0 to 2^32-1 in four bytes always. */
export const fixed32 = /* @__PURE__ */ scalar<"fixed32", number>("fixed32");
/** 0 to 2^64-1 in eight bytes always, as bigint. */
export const fixed64 = /* @__PURE__ */ wide("fixed64");
/** -2^31 to 2^31-1 in four bytes always. */
export const sfixed32 = /* @__PURE__ */ scalar<"sfixed32", number>("sfixed32");
/** -2^63 to 2^63-1 in eight bytes always, as bigint. */
export const sfixed64 = /* @__PURE__ */ wide("sfixed64");
/** True or false. */
export const bool = /* @__PURE__ */ scalar<"bool", boolean>("bool");
/** Unicode text; UTF-8 on the wire, checked both ways. */
export const string = /* @__PURE__ */ scalar<"string", string>("string");
/** Bytes; those of a decoded message are a copy. */
export const bytes = /* @__PURE__ */ scalar<"bytes", Uint8Array>("bytes");

/** What `field` takes: a message or enum type, or a function that finds it, for types that hold themselves. */
export type FieldTarget = AnyMessageType | AnyEnumType | (() => AnyMessageType | AnyEnumType);

type Found<Target> = Target extends () => infer Type ? Type : Target;
type ElementOf<Type> = Type extends EnumType<infer _Name, infer Value> ? Value : MessageOf<Type>;
type ElementInitOf<Type> = Type extends EnumType<infer _Name, infer Value> ? Value : InitOf<Type>;
type Absence<Type> = Type extends AnyEnumType ? never : undefined;

/** A field of a message or an enum: `entry: field(DirectoryEntry, 1)`; `next: field(() => Node, 1)` for one that holds itself. */
export function field<const Target extends FieldTarget>(
  type: Target,
  number: number,
  { delimited = false, ...options }: TypeFieldOptions<ElementInitOf<Found<Target>>> = {},
): SingularField<
  ElementOf<Found<Target>>,
  ElementInitOf<Found<Target>>,
  ElementOf<Found<Target>> | Absence<Found<Target>>
> {
  const find =
    typeof type === "function"
      ? (type as () => AnyMessageType | AnyEnumType)
      : () => type as AnyMessageType | AnyEnumType;
  return { ...singular(number, { kind: "type", find, isKnown: typeof type !== "function" }, options), delimited };
}

/** A field of which it is known whether it was set: `undefined` when it was not, also when its value is zero. */
export function optional<Element, ElementInit>(
  inner: SingularField<Element, ElementInit, unknown>,
): Field<Element | undefined, ElementInit | undefined> {
  return { ...(inner as Field), optional: true } as Field<Element | undefined, ElementInit | undefined>;
}

/**
 * A field that must be set when a message is written, and when it was read: `missing-field` else. It can never be taken out
 * of the contract again, which is why proto3 has none. Its type has `undefined`, for `create` leaves it unset.
 */
export function required<Element, ElementInit>(
  inner: SingularField<Element, ElementInit, unknown>,
): Field<Element | undefined, ElementInit | undefined> {
  return { ...optional(inner), required: true };
}

/** A list of the inner field's values: `entries: repeated(field(DirectoryEntry, 1))`. */
export function repeated<Element, ElementInit>(
  inner: SingularField<Element, ElementInit, unknown>,
  options: RepeatedOptions = {},
): Field<Element[], readonly ElementInit[] | undefined> {
  const packed = options.packed ?? true;
  return { ...(inner as Field), cardinality: "repeated", packed } as unknown as Field<
    Element[],
    readonly ElementInit[] | undefined
  >;
}

/** A scalar type that can be a map's key: any but floats and bytes. */
export interface KeyScalar<Key extends MapKey> {
  (number: number): SingularField<unknown, unknown, unknown>;
  readonly scalar: Exclude<ScalarType, "double" | "float" | "bytes">;
  readonly keys?: Key;
}

/** A map from keys to the inner field's values: `sizes: map(string, int64(1))`. */
export function map<Key extends MapKey, Element, ElementInit>(
  key: KeyScalar<Key>,
  inner: SingularField<Element, ElementInit, unknown>,
): Field<Map<Key, Element>, MapInit<Key, ElementInit> | undefined> {
  return { ...(inner as Field), cardinality: "map", mapKey: key.scalar } as unknown as Field<
    Map<Key, Element>,
    MapInit<Key, ElementInit> | undefined
  >;
}

/** Fields of which at most one is set. */
export interface Oneof<Value = unknown, Init = Value> {
  readonly kind: "oneof";
  readonly fields: { readonly [kind: string]: SingularField<unknown, unknown, unknown> };
  readonly said?: Annotated;
  /** Carries the types; never there at run time. */
  readonly types?: { readonly value: Value; readonly init: Init };
}

type Alternatives = { readonly [kind: string]: SingularField<unknown, unknown, unknown> };
type OneofValue<Fields extends Alternatives> = {
  [Kind in keyof Fields]: { kind: Kind; value: NonNullable<Fields[Kind]["elements"]>["value"] };
}[keyof Fields];
type OneofInit<Fields extends Alternatives> = {
  [Kind in keyof Fields]: { readonly kind: Kind; readonly value: NonNullable<Fields[Kind]["elements"]>["init"] };
}[keyof Fields];

/** At most one of the fields, as `{ kind, value }`: `shape: oneof({ circle: field(Circle, 1), label: string(2) })`. */
export function oneof<const Fields extends Alternatives>(
  fields: Fields,
  said: Annotated = {},
): Oneof<OneofValue<Fields> | undefined, OneofInit<Fields> | undefined> {
  return { kind: "oneof", fields, said };
}
