// Marshal layer, builder: what refers to what, and which declarations must share a file because they refer to each other: files
// import each other without cycles, as protobuf demands.
import type { FileDescriptor } from "../../idl/descriptor.ts";
import { methodOptionName, serviceOptionName } from "../../idl/rpc-options.ts";
import { rpcOptionsFile } from "../rpc-options-file.ts";
import { type Declared, type Definition, definitionOf, outermost, withNested } from "./definition.ts";
import type { Field } from "./fields.ts";
import { type OptionsInit, recordOf, settingsIn } from "./options.ts";
import type { FieldRecord } from "./shapes.ts";

/** A field with its names: those of the builder. */
export interface NamedField {
  readonly localName: string;
  readonly field: Field;
  /** The oneof that it is a member of. */
  readonly oneof?: string;
}

/** The fields of a message, members of oneofs among them. */
export function fieldsOf(fields: FieldRecord): NamedField[] {
  return Object.entries(fields).flatMap(([localName, one]): NamedField[] =>
    one.kind === "field"
      ? [{ localName, field: one }]
      : Object.entries(one.fields).map(([kind, field]) => ({
          localName: kind,
          field: field as Field,
          oneof: localName,
        })),
  );
}

/** What a declaration and all in it refer to, outermost declarations, and files that it needs besides. */
export function referencesOf(declared: Declared): {
  readonly tops: ReadonlySet<Declared>;
  readonly files: Set<FileDescriptor>;
} {
  const tops = new Set<Declared>();
  const files = new Set<FileDescriptor>();
  const addOptions = (options: OptionsInit | undefined): void => {
    for (const { extension } of settingsIn(options)) tops.add(outermost(extension));
    const record = recordOf(options === undefined ? {} : { options });
    if (Object.hasOwn(record, methodOptionName) || Object.hasOwn(record, serviceOptionName))
      files.add(rpcOptionsFile());
  };
  for (const one of withNested(declared)) {
    const definition = definitionOf(one);
    if (definition === undefined) continue;
    for (const options of optionsIn(definition)) addOptions(options);
    for (const held of heldBy(one, definition)) tops.add(outermost(held));
  }
  return { tops, files };
}

/** All options of a definition: its own, and those of what it is made of. */
function optionsIn(definition: Definition): readonly (OptionsInit | undefined)[] {
  switch (definition.kind) {
    case "message": {
      const { fields, options } = definition;
      const oneofs = Object.values(fields).map((one) => (one.kind === "oneof" ? one.said?.options : undefined));
      const ranges = (options.extensions ?? []).map((one) =>
        typeof one === "object" && "numbers" in one ? one.options : undefined,
      );
      return [options.options, ...fieldsOf(fields).map(({ field }) => field.options.options), ...oneofs, ...ranges];
    }
    case "enum":
      return [definition.options.options, ...definition.values.map(([, value]) => value.options)];
    case "extension":
      return [definition.field.options.options];
    case "service":
      return [definition.said.options, ...Object.values(definition.methods).map(({ options }) => options)];
  }
}

function heldBy(declared: Declared, definition: Definition): readonly Declared[] {
  switch (definition.kind) {
    case "message":
      return fieldsOf(definition.fields).flatMap(({ field }) => contentOf(field));
    case "enum":
      return [];
    case "extension":
      return [definition.extendee, ...contentOf(definition.field)];
    case "service":
      return declared.kind === "service"
        ? Object.values(declared.methods).flatMap(({ input, output }) => [input, output])
        : [];
  }
}

function contentOf({ content }: Field): readonly Declared[] {
  return content.kind === "type" ? [content.find()] : [];
}

/** Whether a declaration waits for a file. */
export function isFree(declared: Declared): boolean {
  const home = definitionOf(declared)?.home;
  return home !== undefined && home.contract === undefined && home.file === undefined;
}

/**
 * `first` and all that it refers to at any distance and that is in no file yet, outermost ones: in groups that refer to each
 * other, each behind those that it refers to.
 */
export function cyclesFrom(first: Declared): readonly (readonly Declared[])[] {
  const finder = new CycleFinder();
  finder.visit(first);
  return finder.cycles;
}

/** How far the search has got with one declaration (Tarjan's algorithm, without recursion: contracts may be long chains). */
interface Mark {
  readonly declared: Declared;
  readonly references: Iterator<Declared>;
  /** In the order of entering. */
  readonly index: number;
  /** The lowest index that is reached from here and still open. */
  low: number;
  isOpen: boolean;
}

class CycleFinder {
  readonly cycles: Declared[][] = [];
  readonly #marks = new Map<Declared, Mark>();
  readonly #open: Mark[] = [];

  visit(first: Declared): void {
    const path = [this.#enter(first)];
    for (let mark = path.at(-1); mark !== undefined; mark = path.at(-1)) {
      const { value: other, done } = mark.references.next();
      if (done === true) {
        path.pop();
        this.#leave(mark, path.at(-1));
      } else if (isFree(other)) {
        const known = this.#marks.get(other);
        if (known === undefined) path.push(this.#enter(other));
        else if (known.isOpen) mark.low = Math.min(mark.low, known.index);
      }
    }
  }

  #enter(declared: Declared): Mark {
    const index = this.#marks.size;
    const references = referencesOf(declared).tops.values();
    const mark: Mark = { declared, references, index, low: index, isOpen: true };
    this.#marks.set(declared, mark);
    this.#open.push(mark);
    return mark;
  }

  #leave(mark: Mark, outer: Mark | undefined): void {
    if (outer !== undefined) outer.low = Math.min(outer.low, mark.low);
    if (mark.low !== mark.index) return;
    const cycle = this.#open.splice(this.#open.lastIndexOf(mark));
    for (const one of cycle) one.isOpen = false;
    this.cycles.push(cycle.map(({ declared }) => declared));
  }
}

/** `roots` and all of their package that they refer to and that has no file of its own. */
export function closureOf(roots: readonly Declared[], packageName: string): ReadonlySet<Declared> {
  const found = new Set(roots);
  for (const one of found) {
    for (const other of referencesOf(one).tops) {
      const isOwn = other.typeName.startsWith(packageName === "" ? "" : `${packageName}.`);
      const rest = other.typeName.slice(packageName === "" ? 0 : packageName.length + 1);
      if (isFree(other) && isOwn && !rest.includes(".")) found.add(other);
    }
  }
  return found;
}

/** The files that a group of declarations needs beside its own, described by `describe` where they are not yet. */
export function filesFor(
  group: ReadonlySet<Declared>,
  describe: (declared: Declared) => FileDescriptor,
): FileDescriptor[] {
  const files = new Set<FileDescriptor>();
  for (const one of group) {
    const { tops, files: more } = referencesOf(one);
    for (const other of tops) if (!group.has(other)) files.add(describe(other));
    for (const file of more) files.add(file);
  }
  return uniqueFiles(files);
}

/** Of files with one path the one that declares most: parts of descriptor.proto stand in for the whole of it. */
export function uniqueFiles(files: Iterable<FileDescriptor>): FileDescriptor[] {
  const byName = new Map<string, FileDescriptor>();
  for (const file of files) {
    const before = byName.get(file.name);
    if (before === undefined || before.messages.length < file.messages.length) byName.set(file.name, file);
  }
  return [...byName.values()];
}
