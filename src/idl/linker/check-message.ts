// IDL layer, linker, last step: rules that a message must keep once all of it is known: its numbers, its reserved
// numbers and names, its JSON names.
import { featuresOf } from "../features.ts";
import { defaultJsonName } from "../names.ts";
import { getOption } from "../option-record.ts";
import { maxFieldNumber } from "../parser/range.ts";
import type { FieldNode, MessageNode } from "../syntax-tree.ts";
import { checkDeclarations } from "./declarations.ts";
import { implementationNumbers, isFieldNumber } from "./field-number.ts";
import { isMessageSet, maxSetNumber } from "./message-set.ts";
import { checkReserved, lastBefore } from "./reserved.ts";
import type { MessageWork, Unit } from "./unit.ts";

/** Checks the messages of `unit`; its options must be read. */
export function checkMessages(unit: Unit): void {
  for (const work of unit.messages) {
    checkNumbers(unit, work);
    checkDeclarations(unit, work);
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
    if (isMessageSet(work.message)) checkSet(unit, work.node);
  }
}

function checkSet(unit: Unit, node: MessageNode): void {
  const option = "message_set_wire_format";
  if (unit.parsed.syntax === "proto3") misuse(unit, node, option, "proto3 has no message sets");
  else if (node.fields.length > 0) misuse(unit, node, option, "a message set has extensions only, no fields");
}

function misuse(unit: Unit, node: MessageNode, option: string, sentence: string): void {
  const at = node.options.find(({ parts }) => parts[0]?.text === option)?.at ?? node.name.at;
  unit.report(at, { code: "option-misused", sentence, found: option });
}

function checkNumbers(unit: Unit, work: MessageWork): void {
  const { node } = work;
  const taken = new Map<number, string>();
  const free = nextFree(node);
  const ranges = node.extensionRanges.toSorted((one, other) => one.from - other.from);
  const reserved = work.node.reservedRanges.toSorted((one, other) => one.from - other.from);
  const max = isMessageSet(work.message) ? maxSetNumber : maxFieldNumber;
  for (const [index, range] of ranges.entries()) {
    if (range.from < 1) isFieldNumber(unit, { value: range.from, at: range.at });
    if (!range.toMax && range.to - 1 > max) {
      const sentence = `${range.to - 1} cannot be the number of an extension: they end at ${max}`;
      unit.report(range.at, { code: "number-out-of-range", sentence, hint: 'write "max" for the highest' });
    }
    const beside = lastBefore(reserved, range.to - 1);
    if (beside !== undefined && beside.to > range.from) {
      unit.report(range.at, { code: "bad-range", sentence: "this range of extensions overlaps reserved numbers" });
    }
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
    const around = lastBefore(ranges, number.value);
    if (around === undefined || around.to <= number.value) continue;
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
