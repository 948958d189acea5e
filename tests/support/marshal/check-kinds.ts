// A contract with each kind of value in each place where a value can stand, made of one table: as a .proto text and in
// TypeScript. Tests put wrong values everywhere.
import {
  bool,
  bytes,
  double,
  type Extension,
  enumeration,
  extend,
  type Field,
  field,
  fixed32,
  fixed64,
  float,
  int32,
  int64,
  type MessageType,
  map,
  message,
  oneof,
  optional,
  repeated,
  type SingularField,
  sfixed32,
  sfixed64,
  sint32,
  sint64,
  string,
  uint32,
  uint64,
} from "farcall/idl";

const Colour = enumeration("checks.Colour", { RED: 0, GREEN: 1 });
const Shade = enumeration("checks.Shade", { DARK: 0, LIGHT: 5 }, { closed: true });
// biome-ignore lint/suspicious/noExplicitAny: it holds itself, and its type is of no matter here
const Leaf: MessageType<any, any> = message("checks.Leaf", { name: string(1), next: field(() => Leaf, 2) });

/** A kind of value: its name in the contract, how a .proto and the builder write it, and a value that fits. */
export interface Kind {
  readonly name: string;
  readonly proto: string;
  readonly option?: string;
  // biome-ignore lint/suspicious/noExplicitAny: fields of all types
  readonly make: (number: number) => SingularField<any, any, any>;
  readonly good: unknown;
  /** It can be a map's key. */
  readonly key?: typeof string | typeof int64;
  /** It may be a field without presence. */
  readonly implicit: boolean;
}

function scalar(make: Kind["make"] & { readonly scalar: string }, good: unknown, isKey = true): Kind {
  const { scalar: name } = make;
  return { name, proto: name, make, good, implicit: true, ...(isKey ? { key: make as typeof string } : {}) };
}

export const kinds: readonly Kind[] = [
  scalar(double, 1.5, false),
  scalar(float, 1.5, false),
  ...[int32, uint32, sint32, fixed32, sfixed32].map((make) => scalar(make, 1)),
  ...[int64, uint64, sint64, fixed64, sfixed64].map((make) => scalar(make, 1n)),
  scalar(bool, true),
  scalar(string, "a"),
  scalar(bytes, Uint8Array.of(1), false),
  {
    name: "safe",
    proto: "int64",
    option: "jstype = JS_NUMBER",
    make: (number) => int64(number, { as: "number" }),
    good: 1,
    implicit: true,
  },
  {
    name: "digits",
    proto: "uint64",
    option: "jstype = JS_STRING",
    make: (number) => uint64(number, { as: "string" }),
    good: "1",
    implicit: true,
  },
  { name: "colour", proto: "Colour", make: (number) => field(Colour, number), good: "GREEN", implicit: true },
  { name: "shade", proto: "Shade", make: (number) => field(Shade, number), good: "LIGHT", implicit: false },
  { name: "leaf", proto: "Leaf", make: (number) => field(Leaf, number), good: {}, implicit: false },
  {
    name: "group",
    proto: "Leaf",
    option: "features.message_encoding = DELIMITED",
    make: (number) => field(Leaf, number, { delimited: true }),
    good: {},
    implicit: false,
  },
];

const upperFirst = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
/** `one` and `int32` are the property `oneInt32`, the field `one_int32`. */
export const localName = (place: string, { name }: Kind): string => `${place}${upperFirst(name)}`;

/** Whether values of a map can be of a kind: groups cannot, nor 64-bit integers in another form. */
export const canBeMapped = ({ option }: Kind): boolean => option === undefined;

function numberOf(kind: Kind, place: number): number {
  return (kinds.indexOf(kind) + 1) * 10 + place;
}

function optionsOf(kind: Kind, more: readonly string[] = []): string {
  const all = [...(kind.option === undefined ? [] : [kind.option]), ...more];
  return all.length === 0 ? "" : ` [${all.join(", ")}]`;
}

function protoFieldsOf(kind: Kind): string {
  const { name, proto, implicit, key } = kind;
  const at = (place: number): number => numberOf(kind, place);
  const isMessage = proto === "Leaf";
  const loose = isMessage || ["string", "bytes"].includes(name) ? [] : ["features.repeated_field_encoding = EXPANDED"];
  return [
    `  ${proto} one_${name} = ${at(0)}${optionsOf(kind, implicit ? ["features.field_presence = IMPLICIT"] : [])};`,
    `  ${proto} maybe_${name} = ${at(1)}${optionsOf(kind)};`,
    `  repeated ${proto} list_${name} = ${at(2)}${optionsOf(kind)};`,
    `  repeated ${proto} loose_${name} = ${at(3)}${optionsOf(kind, loose)};`,
    ...(canBeMapped(kind) ? [`  map<string, ${proto}> map_${name} = ${at(4)}${optionsOf(kind)};`] : []),
    ...(key === undefined ? [] : [`  map<${proto}, string> keys_${name} = ${at(5)};`]),
  ].join("\n");
}

const numberOfSelf = 900;

export const checksProto = `edition = "2023";
package checks;
enum Colour { RED = 0; GREEN = 1; }
enum Shade { option features.enum_type = CLOSED; DARK = 0; LIGHT = 5; }
message Leaf { string name = 1 [features.field_presence = IMPLICIT]; Leaf next = 2; }
message Checks {
${kinds.map(protoFieldsOf).join("\n")}
  oneof choice {
${kinds.map((kind) => `    ${kind.proto} pick_${kind.name} = ${numberOf(kind, 6)}${optionsOf(kind)};`).join("\n")}
  }
  Checks self = ${numberOfSelf};
  repeated Checks selves = ${numberOfSelf + 1};
  map<string, Checks> by_name = ${numberOfSelf + 2};
  extensions 1000 to 1999;
}
extend Checks {
${kinds
  .map((kind) => {
    const number = 1000 + numberOf(kind, 0);
    return `  ${kind.proto} ext_${kind.name} = ${number}${optionsOf(kind)};
  repeated ${kind.proto} exts_${kind.name} = ${number + 1}${optionsOf(kind)};`;
  })
  .join("\n")}
}
`;

function fieldsOf(kind: Kind): Readonly<Record<string, Field>> {
  const { make, implicit, key } = kind;
  const at = (place: number) => make(numberOf(kind, place));
  const one = at(0);
  return {
    [localName("one", kind)]: implicit || kind.proto === "Leaf" ? one : optional(one),
    [localName("maybe", kind)]: optional(at(1)),
    [localName("list", kind)]: repeated(at(2)),
    [localName("loose", kind)]: repeated(at(3), { packed: false }),
    ...(canBeMapped(kind) ? { [localName("map", kind)]: map(string, at(4)) } : {}),
    ...(key === undefined ? {} : { [localName("keys", kind)]: map(key as typeof string, string(numberOf(kind, 5))) }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: values are wrong on purpose
export type AnyType = MessageType<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the same
export type AnyExtension = Extension<any, any, any>;

export const Checks: AnyType = message(
  "checks.Checks",
  {
    ...Object.assign({}, ...kinds.map(fieldsOf)),
    choice: oneof(Object.fromEntries(kinds.map((kind) => [localName("pick", kind), kind.make(numberOf(kind, 6))]))),
    self: field((): AnyType => Checks, numberOfSelf),
    selves: repeated(field((): AnyType => Checks, numberOfSelf + 1)),
    byName: map(
      string,
      field((): AnyType => Checks, numberOfSelf + 2),
    ),
  },
  { extensions: [[1000, 1999]] },
);

/** The extensions of the builder by the name of their property in a generated module. */
export const extensions: Readonly<Record<string, AnyExtension>> = Object.fromEntries(
  kinds.flatMap((kind) => {
    const number = 1000 + numberOf(kind, 0);
    return [
      [localName("ext", kind), extend(Checks, `checks.ext_${kind.name}`, kind.make(number))],
      [localName("exts", kind), extend(Checks, `checks.exts_${kind.name}`, repeated(kind.make(number + 1)))],
    ];
  }),
);
