// Marshal layer, builder: descriptors of what was written in TypeScript, made when first asked for. What `file` was told to
// hold is in that file; else declarations that hold each other share a file, and all others have one each.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
} from "../../idl/descriptor.ts";
import { defaultFeatures, type Features } from "../../idl/features.ts";
import { describeFile } from "../../idl/generator/describe.ts";
import type { FileHeader } from "../../idl/generator/outline.ts";
import { featureRecord, joinOptions } from "../../idl/generator/reword.ts";
import { type FieldMeaning, type FileRules, presenceFor, unsayable } from "../../idl/generator/words.ts";
import type { EnumType } from "../types.ts";
import {
  type AnyExtension,
  type AnyMessageType,
  type AnyService,
  type Declared,
  definitionOf,
  outermost,
  packageOf,
  withNested,
} from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import { cyclesFrom, fieldsOf, filesFor, isFree } from "./group.ts";
import { applySetting } from "./option-value.ts";
import { commentsOf, recordOf, type Said } from "./options.ts";
import { DeclaredOutliner, fieldMeaning, isOptions } from "./outline-declared.ts";

/** The descriptor of a message type of the builder. */
export function describeMessage(type: AnyMessageType): MessageDescriptor {
  return find(scopeOf(type).messages, type);
}

/** The descriptor of an enum type of the builder. */
export function describeEnum(type: EnumType): EnumDescriptor {
  return find(scopeOf(type).enums, type);
}

/** The descriptor of an extension of the builder. */
export function describeExtension(extension: AnyExtension): ExtensionDescriptor {
  return find(scopeOf(extension).extensions ?? [], extension);
}

/** The descriptor of a service of the builder. */
export function describeService(service: AnyService): ServiceDescriptor {
  return find(describeDeclared(service).services, service);
}

/** What a declaration stands in: its file, or a message. */
function scopeOf(declared: Declared): FileDescriptor | MessageDescriptor {
  const parent = definitionOf(declared)?.home.parent;
  return parent === undefined ? describeDeclared(declared) : describeMessage(parent);
}

function find<Found extends { readonly fullName: string }>(
  list: readonly Found[],
  { typeName }: { readonly typeName: string },
): Found {
  const found = list.find((one) => one.fullName === typeName);
  if (found !== undefined) return found;
  throw new DefinitionError("bad-name", typeName, "another type of that name is in use");
}

/** The file of a declaration, of the builder or not; it is described now if it was not before. */
export function describeDeclared(declared: Declared): FileDescriptor {
  const first = outermost(declared);
  const home = definitionOf(first)?.home;
  if (home === undefined) return fileOf(first);
  return home.file ?? home.contract?.describe() ?? describeCycles(first);
}

function fileOf(declared: Declared): FileDescriptor {
  const { descriptor } = declared;
  if (descriptor !== undefined) return descriptor.file;
  throw new DefinitionError("bad-type", declared.typeName, "it has no descriptor");
}

/** Describes a declaration and all that it refers to: what refers to each other in one file. */
function describeCycles(first: Declared): FileDescriptor {
  for (const cycle of cyclesFrom(first)) {
    // A file that was described for one before may have taken it in.
    if (cycle.every(isFree)) describeCycle(cycle);
  }
  return describeDeclared(first);
}

function describeCycle(cycle: readonly Declared[]): void {
  const sorted = [...cycle].sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
  const [first] = sorted as [Declared, ...Declared[]];
  const place = placeOf(first.typeName);
  const stranger = sorted.find(({ typeName }) => packageOf(typeName) !== place.package);
  if (stranger !== undefined) {
    throw new DefinitionError(
      "bad-type",
      stranger.typeName,
      `it and ${first.typeName} hold each other: give both one package`,
    );
  }
  const dependencies = filesFor(new Set(cycle), describeDeclared);
  if (cycle.every(isFree)) assemble(place, sorted, { dependencies, rules: rulesFor(sorted), said: {} });
}

/** What a file is put together with. */
export interface FileParts {
  readonly dependencies: readonly FileDescriptor[];
  readonly rules: FileRules;
  readonly said: Said;
}

/** Describes declarations, outermost ones, in one file, which they are in from then on. */
export function assemble(
  header: Pick<FileHeader, "name" | "package" | "publicDependencies" | "weakDependencies">,
  declared: readonly Declared[],
  { dependencies, rules, said }: FileParts,
): FileDescriptor {
  const outliner = new DeclaredOutliner(rules);
  const features = rules.syntax === "editions" ? featureRecord(rules.features, defaultFeatures.editions) : {};
  const options = outliner.say(said, "FileOptions", header.name, joinOptions(features, {}));
  const content = outliner.content(declared);
  const file = describeFile(
    { ...header, syntax: rules.syntax, options, ...commentsOf(said), ...content },
    dependencies,
  );
  for (const one of declared.flatMap(withNested)) {
    const home = definitionOf(one)?.home;
    if (home !== undefined) home.file = file;
  }
  for (const setting of outliner.pending) applySetting(setting);
  return file;
}

/** proto3 where that can say all, else an edition, with features that suit most fields. */
export function rulesFor(declared: readonly Declared[]): FileRules {
  const proto3: FileRules = { syntax: "proto3", features: defaultFeatures.proto3 };
  const all = declared.flatMap(withNested);
  const meanings = all.flatMap(meaningsOf);
  const isPlain = all.every(isOfProto3) && meanings.every((one) => unsayable(one, proto3) === undefined);
  if (isPlain) return proto3;
  return editionRules({ fieldPresence: presenceFor(meanings) });
}

/** The rules of an edition's file that says these features. */
export function editionRules(features: Partial<Features>): FileRules {
  return { syntax: "editions", features: { ...defaultFeatures.editions, ...features } };
}

function meaningsOf(declared: Declared): FieldMeaning[] {
  const definition = definitionOf(declared);
  if (definition?.kind === "extension") return [fieldMeaning(definition.field, true)];
  if (definition?.kind !== "message") return [];
  return fieldsOf(definition.fields).map(({ field, oneof }) => fieldMeaning(field, oneof !== undefined));
}

/** Whether proto3 can say what a declaration says beside its fields' types. */
function isOfProto3(declared: Declared): boolean {
  const definition = definitionOf(declared);
  const saysFeatures = (said: Said): boolean => Object.hasOwn(recordOf(said), "features");
  switch (definition?.kind) {
    case "message": {
      const { fields, options } = definition;
      const named = fieldsOf(fields);
      return (
        options.extensions === undefined &&
        !saysFeatures(options) &&
        !named.some(({ field }) => saysFeatures(field.options))
      );
    }
    case "enum":
      return !(declared as EnumType).closed && !saysFeatures(definition.options);
    case "extension":
      return isOptions(definition.extendee) && !saysFeatures(definition.field.options);
    default:
      return true;
  }
}

/** The file of a declaration that is written nowhere: `dirs/Entry.proto` for `dirs.Entry`. */
function placeOf(fullName: string): { readonly name: string; readonly package: string } {
  return { name: `${fullName.replaceAll(".", "/")}.proto`, package: packageOf(fullName) };
}
