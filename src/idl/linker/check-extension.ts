// IDL layer, linker, last step: rules that extensions must keep, and those of the ranges that they are in.
import type { ExtensionDescriptor } from "../descriptor.ts";
import type { FieldNode } from "../syntax-tree.ts";
import { checkDeclared } from "./declarations.ts";
import { isFieldNumber } from "./field-number.ts";
import { isMessageSet, maxSetNumber } from "./message-set.ts";
import type { Unit } from "./unit.ts";

/** Extension numbers in use, by the extended message's full name. */
export type ExtensionNumbers = Map<string, Map<number, string>>;

/** Checks the extensions of `unit`; its options must be read. */
export function checkExtensions(unit: Unit, extensionNumbers: ExtensionNumbers): void {
  for (const { node, extension } of unit.extensions) checkExtension(unit, node, { extension, extensionNumbers });
}

interface ExtensionCheck {
  readonly extension: ExtensionDescriptor;
  readonly extensionNumbers: ExtensionNumbers;
}

function checkExtension(unit: Unit, node: FieldNode, { extension, extensionNumbers }: ExtensionCheck): void {
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
  const range = extendee.extensionRanges?.find(({ from, to }) => from <= number && number < to);
  if (range === undefined) {
    unit.report(node.number.at, {
      code: "bad-extension",
      sentence: `${extendee.fullName} has no room for an extension with the number ${number}`,
      found: String(number),
      expected: extendee.extensionRanges?.map(({ from, to }) => `${from} to ${to - 1}`).join(", "),
    });
    return;
  }
  checkDeclared(unit, { extension, node, range });
  const numbers = extensionNumbers.get(extendee.fullName) ?? new Map<number, string>();
  extensionNumbers.set(extendee.fullName, numbers);
  const other = numbers.get(number);
  if (other === undefined) numbers.set(number, fullName);
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
