// The contract of `features.ts` written in TypeScript, as far as its messages go: their names differ where a `.proto` would
// nest them.
import {
  bool,
  bytes,
  double,
  enumeration,
  field,
  int32,
  int64,
  type MessageType,
  map,
  message,
  oneof,
  optional,
  repeated,
  required,
  string,
} from "farcall/idl";

// biome-ignore lint/suspicious/noExplicitAny: tests look at values of types that are made as they run
type AnyType = MessageType<any, any>;

const Grade = enumeration("old.Grade", { LOW: -1, HIGH: 5, TOP: 5 }, { closed: true, allowAlias: true });
const Level = enumeration("levels.Level", { LOW: 0, HIGH: 5 }, { closed: true });
const Item = message("old.Item", { id: required(int32(1)), name: optional(string(2)) });
const Inner = message("old.Inner", { depth: optional(int32(1)) });
const Line = message("old.Line", { count: required(int32(1)) });
const Nested = message("old.Nested", { text: optional(string(1)) });
const Place: AnyType = message("old.Place", {
  city: optional(string(2)),
  inner: field(Inner, 3, { delimited: true }),
  order: field(() => Order, 4),
});
const Order: AnyType = message(
  "old.Order",
  {
    place: field(() => Place, 1, { delimited: true }),
    line: repeated(field(Line, 5, { delimited: true })),
    grade: optional(field(Grade, 6)),
    grades: repeated(field(Grade, 7), { packed: false }),
    packedGrades: repeated(field(Grade, 8)),
    byName: map(string, field(Level, 9)),
    choice: oneof({ chosen: field(Grade, 10), nested: field(Nested, 11, { delimited: true }), item: field(Item, 12) }),
    one: field(Item, 13),
    many: repeated(field(Item, 14)),
    mapped: map(int32, field(Item, 15)),
    port: optional(int32(16)),
    host: optional(string(17)),
    magic: optional(bytes(18)),
    big: optional(int64(19)),
    ratio: optional(double(20)),
    wanted: optional(field(Grade, 21)),
    flag: optional(bool(22)),
    numbers: repeated(int32(23), { packed: false }),
    inner: field(() => Order, 24),
  },
  { extensions: [[100, 199]] },
);
const Tree: AnyType = message("late.Tree", {
  left: field(() => Tree, 1, { delimited: true }),
  right: repeated(field(() => Tree, 2, { delimited: true })),
  value: int32(3),
  needed: required(int32(4)),
  named: map(
    string,
    field(() => Tree, 5),
  ),
  item: field(Item, 6, { delimited: true }),
  sized: field(Item, 7),
  choice: oneof({ far: field(Item, 8, { delimited: true }) }),
});

export const builtTypes: readonly AnyType[] = [Item, Inner, Line, Nested, Place, Order, Tree];
