// IDL layer, linker, last step: rules that an enum must keep. https://protobuf.dev/programming-guides/proto3/#enum
import { getOption } from "../option-record.ts";
import { minEnumNumber } from "../parser/range.ts";
import { checkReserved } from "./reserved.ts";
import type { EnumWork, Unit } from "./unit.ts";

/** Checks the enums of `unit`; its options must be read. */
export function checkEnums(unit: Unit): void {
  for (const work of unit.enums) {
    checkFirst(unit, work);
    checkAliases(unit, work);
    checkStrippedNames(unit, work);
    checkReserved(unit, {
      what: "enum value",
      ranges: work.node.reservedRanges,
      names: work.node.reservedNames,
      users: work.node.values,
      minNumber: minEnumNumber,
    });
  }
}

function checkFirst(unit: Unit, { node, enum: descriptor }: EnumWork): void {
  const first = node.values[0];
  if (first === undefined || first.number.value === 0 || descriptor.closed) return;
  unit.report(first.number.at, {
    code: "first-enum-value",
    sentence: `the first value of enum "${node.name.text}" must be 0, found ${first.number.value}`,
    found: String(first.number.value),
    expected: "0",
    hint: "the first value stands for a field that was not set; it is often called ..._UNSPECIFIED",
  });
}

function checkAliases(unit: Unit, { node, enum: descriptor }: EnumWork): void {
  const allowed = getOption(descriptor.options, "allow_alias");
  const owners = new Map<number, string>();
  let aliases = 0;
  for (const { name, number } of node.values) {
    const owner = owners.get(number.value);
    if (owner === undefined) {
      owners.set(number.value, name.text);
      continue;
    }
    aliases++;
    if (allowed === true) continue;
    unit.report(number.at, {
      code: "enum-alias",
      sentence: `enum value "${name.text}" has the number ${number.value}, which is "${owner}"'s already`,
      found: String(number.value),
      hint: "if both are meant, write option allow_alias = true; in the enum",
    });
  }
  const option = node.options.find(({ parts }) => parts[0]?.text === "allow_alias");
  if (option === undefined) return;
  if (allowed === false || aliases === 0) {
    unit.report(option.at, {
      code: "enum-alias",
      sentence:
        allowed === false
          ? "allow_alias = false says nothing: it is the rule"
          : `enum "${node.name.text}" allows aliases, but no two of its values share a number`,
      hint: "leave allow_alias out",
    });
  }
}

/** Languages that drop the enum's name from its values must not end up with one name for two numbers. */
function checkStrippedNames(unit: Unit, { node, enum: descriptor }: EnumWork): void {
  const lenient =
    unit.parsed.syntax === "proto2" && getOption(descriptor.options, "deprecated_legacy_json_field_conflicts") === true;
  const owners = new Map<string, { readonly name: string; readonly number: number }>();
  for (const { name, number } of node.values) {
    const stripped = stripPrefix(name.text, node.name.text);
    const owner = owners.get(stripped);
    if (owner === undefined) owners.set(stripped, { name: name.text, number: number.value });
    else if (owner.name !== name.text && owner.number !== number.value) {
      unit.report(name.at, {
        code: "json-name-conflict",
        sentence: `enum values "${owner.name}" and "${name.text}" are the same without the enum's name and upper case`,
        found: name.text,
        hint: "some languages leave both out: rename one of them",
        severity: lenient ? "warning" : "error",
      });
    }
  }
}

/** `COLOR_DARK_RED` of enum `Color` -> `DarkRed`. */
function stripPrefix(value: string, enumName: string): string {
  const prefix = enumName.replaceAll("_", "").toLowerCase();
  let rest = value;
  let matched = 0;
  for (let index = 0; index < value.length && matched < prefix.length; index++) {
    if (value[index] === "_") continue;
    if (value[index]?.toLowerCase() !== prefix[matched]) return camelCase(value);
    matched++;
    rest = value.slice(index + 1);
  }
  const bare = rest.replace(/^_+/, "");
  return camelCase(matched < prefix.length || bare === "" ? value : bare);
}

function camelCase(name: string): string {
  return name
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
}
