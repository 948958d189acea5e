// IDL layer, linker, last step: rules that a message must keep once all of it is known: its numbers, its reserved
// numbers and names, its JSON names.
import { featuresOf } from "../features.ts";
import { defaultJsonName } from "../names.ts";
import { getOption } from "../option-record.ts";
import { maxFieldNumber } from "../parser/range.ts";
import type { FieldNode, MessageNode } from "../syntax-tree.ts";
import { implementationNumbers, isFieldNumber } from "./field-number.ts";
import { checkReserved } from "./reserved.ts";
import type { MessageWork, Unit } from "./unit.ts";

/** Checks the messages of `unit`; its options must be read. */
export function checkMessages(unit: Unit): void {
  for (const work of unit.messages) {
    checkNumbers(unit, work.node);
    checkReserved(unit, {
      what: "field",
      ranges: [...work.node.reservedRanges],
      names: work.node.reservedNames,
      users: work.node.fields,
      minNumber: 1,
    });
    checkJsonNames(unit, work);
    const { options } = work.message;
    if (getOption(options, "map_entry") !== undefined) {
      misuse(unit, work.node, "map_entry", "map_entry is not for writing: use a map field");
    }
    if (getOption(options, "message_set_wire_format") === true && unit.parsed.syntax === "proto3") {
      misuse(unit, work.node, "message_set_wire_format", "proto3 has no message sets");
    }
  }
}

function misuse(unit: Unit, node: MessageNode, option: string, sentence: string): void {
  const at = node.options.find(({ parts }) => parts[0]?.text === option)?.at ?? node.name.at;
  unit.report(at, { code: "option-misused", sentence, found: option });
}

function checkNumbers(unit: Unit, node: MessageNode): void {
  const taken = new Map<number, string>();
  const free = nextFree(node);
  const ranges = node.extensionRanges.toSorted((one, other) => one.from - other.from);
  for (const [index, range] of ranges.entries()) {
    if (range.from < 1) isFieldNumber(unit, { value: range.from, at: range.at });
    const before = ranges[index - 1];
    const overlaps = before !== undefined && before.to > range.from;
    if (!overlaps) continue;
    unit.report(range.at, { code: "bad-range", sentence: "this range of extensions overlaps another one" });
  }
  for (const { number, name } of node.fields) {
    if (!isFieldNumber(unit, number)) continue;
    const other = taken.get(number.value);
    if (other !== undefined) {
      unit.report(number.at, {
        code: "duplicate-number",
        sentence: `field "${name.text}" has the number ${number.value}, which is "${other}"'s already`,
        found: String(number.value),
        hint: `the next free number is ${free}`,
      });
    } else taken.set(number.value, name.text);
    if (!ranges.some(({ from, to }) => from <= number.value && number.value < to)) continue;
    unit.report(number.at, {
      code: "reserved-number",
      sentence: `field "${name.text}" has the number ${number.value}, which is kept for extensions`,
      found: String(number.value),
    });
  }
}

function nextFree(node: MessageNode): number {
  let next = 1;
  for (const { number } of node.fields) next = Math.max(next, number.value + 1);
  for (const { to } of node.reservedRanges) if (to <= maxFieldNumber) next = Math.max(next, to);
  return next >= implementationNumbers.from && next < implementationNumbers.to ? implementationNumbers.to : next;
}

function checkJsonNames(unit: Unit, { node, message }: MessageWork): void {
  const lenient = featuresOf(message).jsonFormat === "LEGACY_BEST_EFFORT";
  if (getOption(message.options, "deprecated_legacy_json_field_conflicts") === true) return;
  const byName = new Map(message.fields.map((field) => [field.name, field]));
  for (const custom of [false, true]) {
    const owners = new Map<string, FieldNode>();
    for (const fieldNode of node.fields) {
      const plain = defaultJsonName(fieldNode.name.text);
      const jsonName = custom ? (byName.get(fieldNode.name.text)?.jsonName ?? plain) : plain;
      const owner = owners.get(jsonName);
      if (owner === undefined) owners.set(jsonName, fieldNode);
      else if (owner.name.text !== fieldNode.name.text) {
        const chosen = (one: FieldNode) => defaultJsonName(one.name.text) !== jsonName;
        unit.report(fieldNode.name.at, {
          code: "json-name-conflict",
          sentence: `fields "${owner.name.text}" and "${fieldNode.name.text}" have the same ${custom ? "" : "default "}JSON name "${jsonName}"`,
          found: jsonName,
          hint: "rename one of them",
          severity: lenient && !(chosen(owner) && chosen(fieldNode)) ? "warning" : "error",
        });
      }
    }
  }
}
