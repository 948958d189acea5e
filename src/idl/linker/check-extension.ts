// IDL layer, linker, last step: rules that extensions must keep, and those of the ranges that they are in.
import type { ExtensionDescriptor, MessageDescriptor } from "../descriptor.ts";
import type { FieldNode } from "../syntax-tree.ts";
import { checkDeclared, type DeclaringRange, declaringRanges } from "./declarations.ts";
import { isFieldNumber } from "./field-number.ts";
import { isMessageSet, maxSetNumber } from "./message-set.ts";
import { lastBefore } from "./reserved.ts";
import type { Unit } from "./unit.ts";

/** What is known of a message that is extended, so that nothing is searched for again for each extension. */
interface Extendee {
  readonly ranges: readonly DeclaringRange[];
  /** The names of extensions by the numbers that they have taken. */
  readonly taken: Map<number, string>;
}

/** The messages that are extended, by full name. */
export type Extendees = Map<string, Extendee>;

function extendeeOf(extendees: Extendees, message: MessageDescriptor): Extendee {
  const known = extendees.get(message.fullName);
  if (known !== undefined) return known;
  const extendee = { ranges: declaringRanges(message), taken: new Map<number, string>() };
  extendees.set(message.fullName, extendee);
  return extendee;
}

/** Checks the extensions of `unit`; its options must be read. */
export function checkExtensions(unit: Unit, extendees: Extendees): void {
  for (const { node, extension } of unit.extensions) checkExtension(unit, node, { extension, extendees });
}

interface ExtensionCheck {
  readonly extension: ExtensionDescriptor;
  readonly extendees: Extendees;
}

function checkExtension(unit: Unit, node: FieldNode, { extension, extendees }: ExtensionCheck): void {
  const { extendee, number, fullName } = extension;
  if (unit.parsed.syntax === "proto3" && !/^google\.protobuf\.[A-Za-z]+Options$/.test(extendee.fullName)) {
    unit.report(node.name.at, {
      code: "bad-extension",
      sentence: `proto3 files extend only google.protobuf.*Options, to declare options, and "${extendee.fullName}" is none`,
      found: extendee.fullName,
    });
    return;
  }
  if (node.label === "required") {
    unit.report(node.labelAt, { code: "bad-label", sentence: "an extension cannot be required", found: "required" });
  }
  const isSet = isMessageSet(extendee);
  if (isSet) checkSetMember(unit, node, extension);
  if (!isFieldNumber(unit, node.number, isSet ? maxSetNumber : undefined)) return;
  const { ranges, taken } = extendeeOf(extendees, extendee);
  const range = lastBefore(ranges, number);
  if (range === undefined || range.to <= number) {
    unit.report(node.number.at, {
      code: "bad-extension",
      sentence: `${extendee.fullName} has no room for an extension with the number ${number}`,
      found: String(number),
      expected: ranges.length > 8 ? undefined : ranges.map(({ from, to }) => `${from} to ${to - 1}`).join(", "),
    });
    return;
  }
  checkDeclared(unit, { extension, node, range });
  const other = taken.get(number);
  if (other === undefined) taken.set(number, fullName);
  else {
    unit.report(node.number.at, {
      code: "duplicate-number",
      sentence: `extension "${fullName}" has the number ${number}, which is "${other}"'s already`,
      found: String(number),
    });
  }
}

/** In a message set an extension is the content of an item, which is a message behind a length. */
function checkSetMember(
  unit: Unit,
  node: FieldNode,
  { extendee, cardinality, type, delimited }: ExtensionDescriptor,
): void {
  if (cardinality === "singular" && type.kind === "message" && !delimited) return;
  unit.report(node.type.at, {
    code: "bad-extension",
    sentence: `${extendee.fullName} is a message set: its extensions are single messages, neither repeated nor groups`,
    found: node.type.text,
  });
}
