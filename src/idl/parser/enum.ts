// IDL layer: `enum` and its values. https://protobuf.dev/reference/protobuf/proto3-spec/#enum_definition
import type { EnumNode, EnumValueNode, NameNode, OptionNode, RangeNode } from "../syntax-tree.ts";
import type { Cursor } from "./cursor.ts";
import { parseOptionList, parseOptionStatement } from "./option.ts";
import { maxEnumNumber, parseNumber, parseReserved } from "./range.ts";

/** An enum, with the word `enum` next. */
export function parseEnum(cursor: Cursor): EnumNode {
  const before = cursor.leadingComments();
  cursor.expect("enum", "");
  const name = cursor.takeName("the enum's name");
  cursor.expect("{", `after "enum ${name.text}"`);
  const comments = { ...before, ...cursor.trailingComment() };
  const values: EnumValueNode[] = [];
  const options: OptionNode[] = [];
  const reservedRanges: RangeNode[] = [];
  const reservedNames: NameNode[] = [];
  const errorsBefore = cursor.problems.errors.length;
  cursor.block(`enum ${name.text}`, () => {
    if (cursor.takeIf(";")) return;
    if (cursor.is("option")) options.push(parseOptionStatement(cursor));
    else if (cursor.is("reserved")) {
      parseReserved(cursor, { max: maxEnumNumber, what: "an enum value's number" }, { reservedRanges, reservedNames });
    } else values.push(parseEnumValue(cursor));
  });
  if (values.length === 0 && cursor.problems.errors.length === errorsBefore) {
    cursor.report({ code: "empty-enum", sentence: `enum "${name.text}" has no values` }, name.at);
  }
  return { name, values, reservedRanges, reservedNames, options, comments };
}

function parseEnumValue(cursor: Cursor): EnumValueNode {
  const before = cursor.leadingComments();
  const name = cursor.takeName("an enum value's name");
  cursor.expect("=", "and a number after the enum value's name");
  const number = parseNumber(cursor, "the enum value's number");
  const options = parseOptionList(cursor);
  cursor.expectEnd("after the enum value");
  return { name, number, options, comments: { ...before, ...cursor.trailingComment() } };
}
