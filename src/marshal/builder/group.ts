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
function isFree(declared: Declared): boolean {
  const home = definitionOf(declared)?.home;
  return home !== undefined && home.contract === undefined && home.file === undefined;
}

/** `first` and all that refers to it and is referred to by it, at any distance: all outermost and in no file yet. */
export function cycleOf(first: Declared): ReadonlySet<Declared> {
  const reached = new Set([first]);
  const referring = new Map<Declared, Declared[]>();
  // A set's iterator also visits what is added on the way.
  for (const one of reached) {
    for (const other of referencesOf(one).tops) {
      if (!isFree(other)) continue;
      reached.add(other);
      referring.set(other, [...(referring.get(other) ?? []), one]);
    }
  }
  const cycle = new Set([first]);
  for (const one of cycle) for (const other of referring.get(one) ?? []) cycle.add(other);
  return cycle;
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
