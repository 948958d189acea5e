// IDL layer, linker: what the ranges of a message declare about extensions to come: `extensions 4 [declaration = {...}];`.
// https://protobuf.dev/programming-guides/extension_declarations/
import type { ExtensionDescriptor, ExtensionRange, MessageDescriptor, Options } from "../descriptor.ts";
import { getOption } from "../option-record.ts";
import { standardOptionsName } from "../standard-options.ts";
import type { ExtensionRangeNode, FieldNode } from "../syntax-tree.ts";
import { isNamed } from "./options.ts";
import { scalarTypes } from "./scalar-types.ts";
import type { MessageWork, Unit } from "./unit.ts";

/** What a range says of one extension. */
interface Declaration {
  readonly number: number;
  readonly fullName: string | undefined;
  readonly type: string | undefined;
  readonly reserved: boolean;
  readonly repeated: boolean;
}

function declarationsOf(range: ExtensionRange): readonly Declaration[] {
  const list = (getOption(range.options, "declaration") ?? []) as readonly Options[];
  return list.map((record) => ({
    number: (getOption(record, "number") ?? 0) as number,
    fullName: getOption(record, "full_name") as string | undefined,
    type: getOption(record, "type") as string | undefined,
    reserved: getOption(record, "reserved") === true,
    repeated: getOption(record, "repeated") === true,
  }));
}

function verificationOf({ options }: ExtensionRange): string | undefined {
  return (getOption(options, "verification") as { readonly identifier: string } | undefined)?.identifier;
}

/** Checks what the ranges of a message declare. */
export function checkDeclarations(unit: Unit, { node, message }: MessageWork): void {
  const names = new Set<string>();
  for (const [index, range] of (message.extensionRanges ?? []).entries()) {
    const rangeNode = node.extensionRanges[index] as ExtensionRangeNode;
    const declarations = declarationsOf(range);
    if (declarations.length > 0 && verificationOf(range) === "UNVERIFIED") {
      const at = rangeNode.options.find((option) => isNamed(option, "verification"))?.at ?? rangeNode.at;
      misuse(unit, at, "verification", "a range that declares extensions cannot be UNVERIFIED");
    }
    const nodes = rangeNode.options.filter((option) => isNamed(option, "declaration"));
    const numbers = new Set<number>();
    for (const [place, declaration] of declarations.entries()) {
      const wrong = wrongIn(declaration, { range, numbers, names });
      if (wrong !== undefined) misuse(unit, nodes[place]?.at ?? rangeNode.at, "declaration", wrong);
      numbers.add(declaration.number);
      if (declaration.fullName !== undefined) names.add(declaration.fullName);
    }
  }
}

interface DeclarationPlace {
  readonly range: ExtensionRange;
  /** What stands in declarations before it. */
  readonly numbers: ReadonlySet<number>;
  readonly names: ReadonlySet<string>;
}

/** What is wrong with a declaration by itself. */
function wrongIn(declaration: Declaration, { range, numbers, names }: DeclarationPlace): string | undefined {
  const { number, fullName, type, reserved } = declaration;
  if (number < range.from || number >= range.to) return `the number ${number} is not in the range that declares it`;
  if (numbers.has(number)) return `the number ${number} is declared already`;
  if (fullName === undefined && type === undefined && reserved) return undefined;
  if (fullName === undefined || type === undefined) {
    return `the declaration of number ${number} needs full_name and type, or else reserved: true`;
  }
  if (names.has(fullName)) return `"${fullName}" is declared already`;
  return wrongName(fullName) ?? (scalarTypes.has(type) || type === "enum" ? undefined : wrongName(type));
}

function wrongName(name: string): string | undefined {
  if (!name.startsWith(".")) return `"${name}" must begin with a dot: it is a full name`;
  return /^(\.[A-Za-z0-9_]+)+$/.test(name) ? undefined : `"${name}" is no full name`;
}

/** A range of a message that is extended, with what it declares by number; undefined where it asks for no declaration. */
export interface DeclaringRange {
  readonly from: number;
  readonly to: number;
  readonly declared: ReadonlyMap<number, Declaration> | undefined;
}

/**
 * The ranges of a message in order. What descriptor.proto declares is a list of who has which number, to which protoc holds
 * nobody either.
 */
export function declaringRanges({ extensionRanges = [], file }: MessageDescriptor): readonly DeclaringRange[] {
  const ranges = extensionRanges.map((range) => {
    const declarations = declarationsOf(range);
    const asks = declarations.length > 0 || verificationOf(range) === "DECLARATION";
    const declared = new Map(declarations.map((one) => [one.number, one]));
    return { ...range, declared: asks && file.name !== standardOptionsName ? declared : undefined };
  });
  return ranges.sort((one, other) => one.from - other.from);
}

/** Checks an extension against what is declared of the range that its number lies in. */
export function checkDeclared(
  unit: Unit,
  { extension, node, range }: { extension: ExtensionDescriptor; node: FieldNode; range: DeclaringRange },
): void {
  const { number, fullName, extendee, type, cardinality } = extension;
  if (range.declared === undefined) return;
  const declared = range.declared.get(number);
  const refuse = (at: number, sentence: string, expected?: string): void =>
    unit.report(at, { code: "bad-extension", sentence, found: fullName, expected });
  if (declared === undefined) {
    refuse(node.number.at, `${extendee.fullName} declares its extensions, and none with the number ${number}`);
    return;
  }
  if (declared.reserved) {
    refuse(node.number.at, `${extendee.fullName} declares the extension number ${number} reserved`);
    return;
  }
  const written =
    type.kind === "scalar" ? type.scalar : `.${(type.kind === "enum" ? type.enum : type.message).fullName}`;
  const says = `${extendee.fullName} declares its extension ${number}`;
  if (declared.type !== written) refuse(node.type.at, `${says} to be of type "${declared.type}", found "${written}"`);
  if (declared.fullName !== `.${fullName}`) {
    refuse(node.name.at, `${says} under the name "${declared.fullName}", found ".${fullName}"`);
  }
  if (declared.repeated !== (cardinality === "repeated")) {
    refuse(node.type.at, `${says} to be ${declared.repeated ? "repeated" : "a single value"}`);
  }
}

function misuse(unit: Unit, at: number, found: string, sentence: string): void {
  unit.report(at, { code: "option-misused", sentence, found });
}
