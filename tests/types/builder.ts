// What the types of the builder must accept and refuse in what is said besides fields: files, nested types, options.
import {
  type EnumType,
  enumeration,
  enumValue,
  extend,
  field,
  file,
  int32,
  type MessageOf,
  message,
  oneof,
  option,
  optional,
  optionsOf,
  repeated,
  string,
} from "farcall/idl";
import { assertType, type Same } from "./contract.ts";

const Kind = enumeration("b.Item.Kind", { NONE: 0, BOOK: enumValue(1, { doc: "Printed." }) }, { doc: "What it is." });
assertType<Same<typeof Kind, EnumType<"NONE" | "BOOK">>>();

const Closed = enumeration("b.Closed", { A: enumValue(3), B: 4 }, { closed: true });
assertType<Same<typeof Closed, EnumType<"A" | "B", "A" | "B">>>();

const Item = message(
  "b.Item",
  {
    kind: field(Kind, 1, { doc: "Its kind.", deprecated: true }),
    closed: optional(field(Closed, 2, { default: "B" })),
    pick: oneof({ a: string(3), b: int32(4) }, { doc: "One of two." }),
  },
  { doc: "An item.", nested: [Kind], extensions: [100, [200, 299], { numbers: [300], verification: "UNVERIFIED" }] },
);
assertType<
  Same<
    MessageOf<typeof Item>,
    {
      kind: number | "NONE" | "BOOK";
      closed: "A" | "B" | undefined;
      pick: { kind: "a"; value: string } | { kind: "b"; value: number } | undefined;
      $unknown?: Uint8Array;
    }
  >
>();

const owner = extend(optionsOf.field, "b.owner", string(50_001));
const items = extend(optionsOf.message, "b.items", repeated(field(Item, 50_001)));
option(owner, "Ada");
option(items, [{ kind: "BOOK" }]);
// @ts-expect-error: owner is text
option(owner, 5);
// @ts-expect-error: items is a list
option(items, { kind: "BOOK" });
// @ts-expect-error: there is no such value
option(items, [{ kind: "TAPE" }]);

message("b.Said", {
  a: string(1, { options: option(owner, "Ada") }),
  b: string(2, { options: [option(owner, "x"), {}] }),
});
// @ts-expect-error: a oneof cannot be deprecated
oneof({ a: string(1) }, { deprecated: true });
// @ts-expect-error: a default is of the field's type
string(1, { default: 5 });
// @ts-expect-error: not a declaration
file("b.proto", [owner, 5]);
file("b.proto", [owner], { syntax: "2023", features: { enumType: "CLOSED" } });
// @ts-expect-error: there is no such value of the feature
file("b.proto", [owner], { features: { enumType: "SHUT" } });
// @ts-expect-error: there is no such syntax
file("b.proto", [owner], { syntax: "proto4" });
