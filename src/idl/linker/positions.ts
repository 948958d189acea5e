// IDL layer, linker: the way back from a descriptor to the place in a text where it was written. Descriptors know nothing of
// it: most who read them have no text.
import type { AnyDescriptor } from "../descriptor.ts";
import type { Position, Source } from "../source.ts";
import type { OptionNode } from "../syntax-tree.ts";
import type { Unit } from "./unit.ts";

/** A place in a named text. */
export interface SourcePlace extends Position {
  /** The path that the text is imported by. */
  readonly file: string;
}

/**
 * The place of a declaration's name - of a file its package, or its start - or that of an option of it, such as
 * `go_package` or `(shop.note)`, when it is written there.
 */
export type PositionOf = (declaration: AnyDescriptor, option?: string) => SourcePlace | undefined;

/** Where something was written. */
interface Written {
  readonly source: Source;
  readonly at: number;
  readonly options: readonly OptionNode[];
}

/** Costs nothing until it is first asked; then, as much as there are declarations. */
export function createPositionOf(units: readonly Unit[]): PositionOf {
  let table: ReadonlyMap<AnyDescriptor, Written> | undefined;
  return (declaration, option) => {
    table ??= tabulate(units);
    const written = table.get(declaration);
    if (written === undefined) return undefined;
    const node =
      option === undefined ? undefined : written.options.find(({ parts: [first] }) => isNamed(first, option));
    return { file: written.source.name, ...written.source.position(node?.at ?? written.at) };
  };
}

/** A name in parentheses may leave away what is around it: `(note)` for `(shop.note)`. */
function isNamed(part: OptionNode["parts"][number] | undefined, option: string): boolean {
  if (part === undefined || part.extension !== option.startsWith("(")) return false;
  if (!part.extension) return part.text === option;
  return `.${option.slice(1, -1)}`.endsWith(`.${part.text.replace(/^\./, "")}`);
}

function tabulate(units: readonly Unit[]): Map<AnyDescriptor, Written> {
  const table = new Map<AnyDescriptor, Written>();
  for (const unit of units) for (const [declaration, written] of writtenIn(unit)) table.set(declaration, written);
  return table;
}

/** A node of the syntax tree that names what it declares. */
interface NamedNode {
  readonly name: { readonly text: string; readonly at: number };
  readonly options: readonly OptionNode[];
}

function* writtenIn(unit: Unit): Generator<readonly [AnyDescriptor, Written]> {
  const { parsed, file, messages, enums, services, fields, extensions } = unit;
  const { source } = parsed;
  const place = ({ name, options }: NamedNode): Written => ({ source, at: name.at, options });
  /** Pairs what is inside of something with its nodes: names are unique there. */
  function* inside<Type extends AnyDescriptor>(
    declared: readonly Type[],
    nodes: readonly NamedNode[],
  ): Generator<readonly [AnyDescriptor, Written]> {
    const byName = new Map(nodes.map((node) => [node.name.text, node]));
    for (const one of declared) {
      const node = byName.get(one.name);
      if (node !== undefined) yield [one, place(node)];
    }
  }
  yield [file, { source, at: parsed.package?.at ?? 0, options: parsed.options }];
  for (const { node, message } of messages) {
    yield [message, place(node)];
    yield* inside(message.oneofs, node.oneofs);
  }
  for (const { node, field } of fields) yield [field, place(node)];
  for (const { node, extension } of extensions) yield [extension, place(node)];
  for (const { node, enum: descriptor } of enums) {
    yield [descriptor, place(node)];
    yield* inside(descriptor.values, node.values);
  }
  for (const { node, service } of services) {
    yield [service, place(node)];
    yield* inside(service.methods, node.methods);
  }
}
