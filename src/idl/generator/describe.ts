// IDL layer, generator: descriptors out of an outline, the short form that generated code and the builder carry. It trusts
// its input: outlines come from contracts that were checked. It runs when a descriptor is first asked for, never at import.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  OneofDescriptor,
  ScalarType,
  ServiceDescriptor,
} from "../descriptor.ts";
import { type FieldTraits, featuresOf, fieldTraits, isPackable } from "../features.ts";
import { defaultJsonName, joinName, LocalNames, mapEntryName } from "../names.ts";
import { getOption } from "../option-record.ts";
import type {
  EnumOutline,
  ExtensionOutline,
  FieldOutline,
  FileContent,
  FileHeader,
  FileOutline,
  MessageOutline,
  MethodOutline,
  ServiceOutline,
  TypeOutline,
} from "./outline.ts";

/** A descriptor while it is put together. */
type Draft<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Declared = MessageDescriptor | EnumDescriptor;

/** What a declaration stands in: its full name, and the message when it is one. */
interface Scope {
  readonly name: string;
  readonly parent: MessageDescriptor | undefined;
}

/** Makes the descriptors of a file. `dependencies` are those of its imports, in their order. */
export function describeFile(outline: FileOutline, dependencies: readonly FileDescriptor[] = []): FileDescriptor {
  const describer = new FileDescriber(outline, dependencies);
  for (const dependency of dependencies) describer.import(dependency);
  describer.add(outline);
  return describer.file;
}

/** A file of which more may be declared as long as somebody asks. */
export class FileDescriber {
  readonly file: FileDescriptor;
  readonly #types = new Map<string, Declared>();
  /** What is left to do once all types are declared: fields refer to them. */
  readonly #later: (() => void)[] = [];

  constructor(outline: FileHeader, dependencies: readonly FileDescriptor[]) {
    const file: Draft<FileDescriptor> = {
      kind: "file",
      name: outline.name,
      package: outline.package ?? "",
      syntax: outline.syntax ?? "proto3",
      dependencies,
      publicDependencies: dependencies.filter((_, index) => outline.publicDependencies?.includes(index)),
      messages: [],
      enums: [],
      services: [],
      options: outline.options ?? {},
      comments: outline.comments ?? {},
    };
    const { weakDependencies, int64 } = outline;
    if (int64 !== undefined) file.int64 = int64;
    if (weakDependencies !== undefined) {
      file.weakDependencies = dependencies.filter((_, index) => weakDependencies.includes(index));
    }
    this.file = file;
  }

  /** Declares more; what it refers to is declared before, with it or imported. */
  add({ messages = [], enums = [], extensions, services = [] }: FileContent): void {
    const file: Draft<FileDescriptor> = this.file;
    const scope = { name: file.package, parent: undefined };
    file.messages = [...file.messages, ...messages.map((one) => this.#message(one, scope))];
    file.enums = [...file.enums, ...enums.map((one) => this.#enum(one, scope))];
    if (extensions !== undefined) {
      this.#later.push(() => {
        file.extensions = extensions.map((one) => this.#extension(one, scope));
      });
    }
    for (const finish of this.#later.splice(0)) finish();
    file.services = [...file.services, ...services.map((one) => this.#service(one))];
  }

  /** Makes one type of another file known, which is a dependency from then on. */
  importType(type: Declared): void {
    const file: Draft<FileDescriptor> = this.file;
    this.#types.set(type.fullName, type);
    if (!file.dependencies.includes(type.file)) file.dependencies = [...file.dependencies, type.file];
  }

  /** Makes the types of a file known, and those that it imports `public`. */
  import(file: FileDescriptor): void {
    const add = (message: MessageDescriptor): void => {
      this.#types.set(message.fullName, message);
      for (const inner of message.enums) this.#types.set(inner.fullName, inner);
      message.messages.forEach(add);
    };
    file.messages.forEach(add);
    for (const one of file.enums) this.#types.set(one.fullName, one);
    for (const dependency of file.publicDependencies) this.import(dependency);
  }

  #message(outline: MessageOutline, scope: Scope): MessageDescriptor {
    const message = this.#declareMessage(outline.name, scope, false);
    message.reservedRanges = outline.reservedRanges ?? [];
    message.reservedNames = outline.reservedNames ?? [];
    message.options = outline.options ?? {};
    message.comments = outline.comments ?? {};
    const inside = { name: message.fullName, parent: message };
    const nested = (outline.messages ?? []).map((one) => this.#message(one, inside));
    message.enums = (outline.enums ?? []).map((one) => this.#enum(one, inside));
    const maps = (outline.fields ?? []).filter((one) => one.mapKey !== undefined);
    const entries = maps.map((one) => this.#mapEntry(one, inside));
    message.messages = placeEntries(nested, entries, outline.entriesAt);
    if (outline.extensionRanges !== undefined) message.extensionRanges = outline.extensionRanges;
    this.#later.push(() => {
      this.#fill(message, outline);
      if (outline.extensions !== undefined) {
        message.extensions = outline.extensions.map((one) => this.#extension(one, inside));
      }
    });
    return message;
  }

  #declareMessage(name: string, { name: scope, parent }: Scope, mapEntry: boolean): Draft<MessageDescriptor> {
    const message: Draft<MessageDescriptor> = {
      kind: "message",
      name,
      fullName: joinName(scope, name),
      file: this.file,
      parent,
      fields: [],
      oneofs: [],
      messages: [],
      enums: [],
      reservedRanges: [],
      reservedNames: [],
      mapEntry,
      options: {},
      comments: {},
    };
    this.#types.set(message.fullName, message);
    return message;
  }

  #mapEntry(field: FieldOutline, scope: Scope): MessageDescriptor {
    const entry = this.#declareMessage(mapEntryName(field.name), scope, true);
    const features = getOption(field.options ?? {}, "features");
    const options = features === undefined ? {} : { features };
    const fields: readonly FieldOutline[] = [
      { name: "key", number: 1, type: field.mapKey ?? "string", options },
      { name: "value", number: 2, type: field.type, options },
    ];
    this.#later.push(() => this.#fill(entry, { name: entry.name, fields }));
    return entry;
  }

  #fill(message: Draft<MessageDescriptor>, outline: MessageOutline): void {
    const names = new LocalNames();
    const members = new Map<string, FieldDescriptor[]>();
    const oneofs = new Map<string, OneofDescriptor>();
    const outlines = outline.fields ?? [];
    const fields = outlines.map((one) => {
      const field = this.#field(one, message, names);
      if (one.oneof === undefined) return field;
      const list = members.get(one.oneof) ?? [];
      list.push(field);
      members.set(one.oneof, list);
      return field;
    });
    for (const [name, list] of members) {
      const { options = {}, comments = {} } = outline.oneofs?.find((one) => one.name === name) ?? {};
      const oneof: OneofDescriptor = {
        kind: "oneof",
        name,
        localName: names.ofField(name),
        message,
        fields: list,
        options,
        comments,
      };
      oneofs.set(name, oneof);
      for (const field of list) (field as Draft<FieldDescriptor>).oneof = oneof;
    }
    for (const [index, one] of outlines.entries()) {
      const field = fields[index] as Draft<FieldDescriptor>;
      // The entries of maps are what they are in every syntax.
      if (!message.mapEntry) Object.assign(field, settled(field, one));
    }
    message.fields = fields;
    message.oneofs = [...oneofs.values()];
  }

  #field(outline: FieldOutline, message: MessageDescriptor, names: LocalNames): FieldDescriptor {
    const type = this.#type(outline.type);
    const cardinality = outline.mapKey !== undefined ? "map" : outline.repeated === true ? "repeated" : "singular";
    return {
      kind: "field",
      name: outline.name,
      localName: names.ofField(outline.name),
      jsonName: outline.jsonName ?? defaultJsonName(outline.name),
      number: outline.number,
      message,
      type,
      cardinality,
      mapKey: outline.mapKey,
      presence: type.kind === "message" ? "explicit" : "implicit",
      ...(outline.optional === true && this.file.syntax === "proto3" ? { optional: true } : {}),
      delimited: false,
      packed: false,
      ...(outline.default === undefined ? {} : { default: outline.default }),
      oneof: undefined,
      options: outline.options ?? {},
      comments: outline.comments ?? {},
    };
  }

  #extension(outline: ExtensionOutline, { name: scope, parent }: Scope): ExtensionDescriptor {
    const extension: ExtensionDescriptor = {
      kind: "extension",
      name: outline.name,
      fullName: joinName(scope, outline.name),
      file: this.file,
      parent,
      extendee: this.#find(outline.extendee) as MessageDescriptor,
      number: outline.number,
      jsonName: defaultJsonName(outline.name),
      type: this.#type(outline.type),
      cardinality: outline.repeated === true ? "repeated" : "singular",
      presence: "explicit",
      ...(outline.optional === true ? { optional: true } : {}),
      delimited: false,
      packed: false,
      ...(outline.default === undefined ? {} : { default: outline.default }),
      options: outline.options ?? {},
      comments: outline.comments ?? {},
    };
    return Object.assign(extension, settled(extension, outline));
  }

  #type(type: TypeOutline): FieldType {
    if (!type.startsWith(".")) return { kind: "scalar", scalar: type as ScalarType };
    const found = this.#find(type);
    return found.kind === "enum" ? { kind: "enum", enum: found } : { kind: "message", message: found };
  }

  #find(type: string): Declared {
    const found = this.#types.get(type.slice(1));
    if (found === undefined)
      throw new TypeError(`the outline of ${this.file.name} names ${type}, which it does not import`);
    return found;
  }

  #enum(outline: EnumOutline, { name: scope, parent }: Scope): EnumDescriptor {
    const descriptor: Draft<EnumDescriptor> = {
      kind: "enum",
      name: outline.name,
      fullName: joinName(scope, outline.name),
      file: this.file,
      parent,
      values: outline.values.map(([name, number, options = {}, comments = {}]) => ({
        kind: "enum-value",
        name,
        number,
        options,
        comments,
      })),
      closed: false,
      reservedRanges: outline.reservedRanges ?? [],
      reservedNames: outline.reservedNames ?? [],
      options: outline.options ?? {},
      comments: outline.comments ?? {},
    };
    descriptor.closed = featuresOf(descriptor).enumType === "CLOSED";
    this.#types.set(descriptor.fullName, descriptor);
    return descriptor;
  }

  #service(outline: ServiceOutline): ServiceDescriptor {
    const names = new LocalNames();
    const methods: MethodDescriptor[] = [];
    const service: ServiceDescriptor = {
      kind: "service",
      name: outline.name,
      fullName: joinName(this.file.package, outline.name),
      file: this.file,
      methods,
      options: outline.options ?? {},
      comments: outline.comments ?? {},
    };
    for (const one of outline.methods) methods.push(this.#method(one, service, names));
    return service;
  }

  #method(outline: MethodOutline, service: ServiceDescriptor, names: LocalNames): MethodDescriptor {
    return {
      kind: "method",
      name: outline.name,
      localName: names.ofMethod(outline.name),
      service,
      input: this.#find(outline.input) as MessageDescriptor,
      output: this.#find(outline.output) as MessageDescriptor,
      clientStreaming: outline.clientStreaming === true,
      serverStreaming: outline.serverStreaming === true,
      ...(outline.braced === true ? { braced: true } : {}),
      options: outline.options ?? {},
      comments: outline.comments ?? {},
    };
  }
}

/** Messages and the entry types of maps in the order in which they were declared. */
function placeEntries(
  nested: readonly MessageDescriptor[],
  entries: readonly MessageDescriptor[],
  entriesAt: readonly number[] | undefined,
): MessageDescriptor[] {
  if (entriesAt === undefined) return [...nested, ...entries];
  const placed: MessageDescriptor[] = [];
  for (let index = 0; index <= nested.length; index++) {
    placed.push(...entries.filter((_, entry) => entriesAt[entry] === index));
    placed.push(...nested.slice(index, index + 1));
  }
  return placed;
}

/** The traits of a field as its outline, its options and its file have it. */
function settled(
  field: FieldDescriptor | ExtensionDescriptor,
  outline: Pick<FieldOutline, "optional" | "required" | "group" | "packed">,
): FieldTraits {
  const label = outline.required === true ? "required" : outline.optional === true ? "optional" : undefined;
  const traits = fieldTraits(field, { label, group: outline.group === true });
  const packable = field.cardinality === "repeated" && isPackable(field.type);
  return outline.packed === undefined ? traits : { ...traits, packed: outline.packed && packable };
}
