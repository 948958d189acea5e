// Marshal layer: types made of descriptors at run time - of a parsed .proto, of a server's reflection - where nothing was
// generated. They hold the same values as generated types and are as fast as those of the builder.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from "../idl/descriptor.ts";
import { type Property, propertiesOf } from "../idl/generator/properties.ts";
import { int64FormOf, int64KeyFormOf } from "../idl/int64-form.ts";
import { callDefaultsOf } from "../idl/rpc-options.ts";
import type { Field, FieldContent, Oneof } from "./builder/fields.ts";
import { lateFields } from "./builder/message.ts";
import { wireOf } from "./builder/plan.ts";
import { enumType } from "./enums.ts";
import { extensionType } from "./extensions.ts";
import { messageType } from "./message-type.ts";
import { methodType, serviceType } from "./service.ts";
import type { CallKind, EnumType, Extension, MessageType, MessageTypes, Method, Service } from "./types.ts";

/**
 * Types by descriptor: for one descriptor always the same type. It also finds message types by full name, as JSON needs
 * for what an Any holds.
 */
export class TypeRegistry implements MessageTypes {
  readonly #messages = new Map<MessageDescriptor, MessageType>();
  readonly #enums = new Map<EnumDescriptor, EnumType>();
  readonly #services = new Map<ServiceDescriptor, Service>();
  readonly #named = new Map<string, MessageType | MessageDescriptor>();
  readonly #extensions = new Map<string, Extension>();
  /** By the full name of the message that they extend; made again when an extension was added. */
  #byExtendee: ReadonlyMap<string, readonly Extension[]> | undefined;

  /** Makes the messages and extensions of `files`, and of what they import, known by name. Of one name the first counts. */
  addFiles(files: readonly FileDescriptor[]): this {
    const visited = new Set<FileDescriptor>();
    const addMessage = (message: MessageDescriptor): void => {
      if (!this.#named.has(message.fullName)) this.#named.set(message.fullName, message);
      message.messages.forEach(addMessage);
      message.extensions?.forEach(addExtension);
    };
    const addExtension = (extension: ExtensionDescriptor): void => {
      if (!this.#extensions.has(extension.fullName)) this.#addExtension(this.#extensionOf(extension));
    };
    const addFile = (file: FileDescriptor): void => {
      if (visited.has(file)) return;
      visited.add(file);
      file.messages.forEach(addMessage);
      file.extensions?.forEach(addExtension);
      file.dependencies.forEach(addFile);
    };
    files.forEach(addFile);
    return this;
  }

  /** Makes types known by name, such as generated ones. They go before those of files. */
  addTypes(types: readonly MessageType[]): this {
    for (const type of types) this.#named.set(type.typeName, type);
    return this;
  }

  /** Makes extensions known by name, such as generated ones. They go before those of files. */
  addExtensions(extensions: readonly Extension[]): this {
    for (const extension of extensions) this.#addExtension(extension);
    return this;
  }

  /** The extension of that full name; undefined when it was not added. */
  findExtension(typeName: string): Extension | undefined {
    return this.#extensions.get(typeName);
  }

  /** The extensions that were added of the message of that full name. */
  extensionsOf(typeName: string): readonly Extension[] {
    this.#byExtendee ??= groupByExtendee(this.#extensions.values());
    return this.#byExtendee.get(typeName) ?? [];
  }

  #addExtension(extension: Extension): void {
    this.#extensions.set(extension.typeName, extension);
    this.#byExtendee = undefined;
  }

  #extensionOf(descriptor: ExtensionDescriptor): Extension {
    return extensionType(
      descriptor.fullName,
      () => wireOf(fieldOf(descriptor, this)),
      () => descriptor,
    );
  }

  /** The message type of that full name; undefined when it was not added. */
  findMessage(typeName: string): MessageType | undefined {
    const found = this.#named.get(typeName);
    if (found === undefined) return undefined;
    return "typeName" in found ? found : this.messageOf(found);
  }

  /** The type of a message. */
  messageOf(descriptor: MessageDescriptor): MessageType {
    const known = this.#messages.get(descriptor);
    if (known !== undefined) return known;
    const properties = propertiesOf(descriptor).map((one) => [one.localName, propertyOf(one, this)] as const);
    const fields = Object.fromEntries(properties);
    const type = messageType(descriptor.fullName, lateFields(fields), () => descriptor) as MessageType;
    this.#messages.set(descriptor, type);
    return type;
  }

  /** The type of an enum. */
  enumOf(descriptor: EnumDescriptor): EnumType {
    const known = this.#enums.get(descriptor);
    if (known !== undefined) return known;
    const values = Object.fromEntries(descriptor.values.map(({ name, number }) => [name, number]));
    const type = enumType(descriptor.fullName, values, () => descriptor, descriptor.closed);
    this.#enums.set(descriptor, type);
    return type;
  }

  /** A service with all its methods. */
  serviceOf(descriptor: ServiceDescriptor): Service {
    const known = this.#services.get(descriptor);
    if (known !== undefined) return known;
    const methods = descriptor.methods.map((method) => [method.localName, this.#method(method)] as const);
    const service = serviceType(descriptor.fullName, Object.fromEntries(methods), () => descriptor);
    this.#services.set(descriptor, service);
    return service;
  }

  #method(descriptor: MethodDescriptor): Method {
    const { name, service, input, output, options } = descriptor;
    return methodType({
      callKind: callKindOf(descriptor),
      name,
      serviceName: service.fullName,
      input: this.messageOf(input),
      output: this.messageOf(output),
      ...callDefaultsOf(options, service.options),
      options,
      describe: () => descriptor,
    });
  }
}

/**
 * The type of a message that is known by its descriptor only. With a registry the type is the same each time, and so are
 * the types within it; without one it is new.
 */
export function messageTypeOf(descriptor: MessageDescriptor, registry: TypeRegistry = new TypeRegistry()): MessageType {
  return registry.messageOf(descriptor);
}

/** A service that is known by its descriptor only; `registry` as with `messageTypeOf`. */
export function serviceOf(descriptor: ServiceDescriptor, registry: TypeRegistry = new TypeRegistry()): Service {
  return registry.serviceOf(descriptor);
}

function groupByExtendee(extensions: Iterable<Extension>): ReadonlyMap<string, readonly Extension[]> {
  const groups = new Map<string, Extension[]>();
  for (const extension of extensions) {
    const { fullName } = extension.descriptor.extendee;
    const group = groups.get(fullName) ?? [];
    group.push(extension);
    groups.set(fullName, group);
  }
  return groups;
}

function callKindOf({ clientStreaming, serverStreaming }: MethodDescriptor): CallKind {
  if (clientStreaming) return serverStreaming ? "bidiStream" : "clientStream";
  return serverStreaming ? "serverStream" : "unary";
}

/** What a property takes part in. */
function propertyOf(property: Property, registry: TypeRegistry): Field | Oneof {
  if (property.kind === "field") return fieldOf(property, registry);
  const members = property.fields.map((member) => [member.localName, fieldOf(member, registry)] as const);
  return { kind: "oneof", fields: Object.fromEntries(members) as Oneof["fields"] };
}

function fieldOf(descriptor: FieldDescriptor | ExtensionDescriptor, registry: TypeRegistry): Field {
  const { number, cardinality, packed, presence, type, delimited, required = false } = descriptor;
  const { mapKey, oneof } = descriptor.kind === "field" ? descriptor : { mapKey: undefined, oneof: undefined };
  // Of an entry of a map: what it holds else is there or zero, and a closed enum may lack zero.
  const isClosed = type.kind === "enum" && type.enum.closed;
  const as = int64FormOf(descriptor);
  const keyAs = descriptor.kind === "field" ? int64KeyFormOf(descriptor) : undefined;
  return {
    kind: "field",
    number,
    content: contentOf(type, registry),
    cardinality,
    optional: cardinality === "singular" && oneof === undefined && (presence === "explicit" || isClosed),
    required,
    delimited,
    mapKey,
    packed,
    ...(keyAs === undefined ? {} : { keyAs }),
    options: as === undefined ? {} : { as },
  };
}

function contentOf(type: FieldDescriptor["type"], registry: TypeRegistry): FieldContent {
  if (type.kind === "scalar") return type;
  if (type.kind === "enum") return { kind: "type", find: () => registry.enumOf(type.enum) };
  return { kind: "type", find: () => registry.messageOf(type.message) };
}
