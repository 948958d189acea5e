// Marshal layer: what generated modules call at import. Each call only notes what is needed later: descriptors are made when
// they are first asked for.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from "../idl/descriptor.ts";
import { describeFile } from "../idl/generator/describe.ts";
import type { FileHeader } from "../idl/generator/outline.ts";
import { generatedVersion } from "../idl/generator/version.ts";
import { enumType } from "./enums.ts";
import { extensionType } from "./extensions.ts";
import { type DescribePart, type FileOutline, FileParts, joinOutline } from "./file-parts.ts";
import { type MessageFields, messageType } from "./message-type.ts";
import { type MethodParts, methodType, serviceType } from "./service.ts";
import type { CallKind, EnumType, Extension, MessageType, Method, Service } from "./types.ts";
import type { Wire } from "./wire.ts";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
type AnyMessageType = MessageType<any, any>;
type GetFile = () => FileDescriptor;

/** Throws when a module was generated for a runtime of another version than this one. */
export function checkVersion(version: number): void {
  if (version === generatedVersion) return;
  throw new TypeError(
    `this module was generated for version ${version} of farcall/gen, and version ${generatedVersion} is installed: run farcall gen again`,
  );
}

/** Gives a file's descriptor, made on the first call. */
export function lateFile(describe: () => FileDescriptor): GetFile {
  let file: FileDescriptor | undefined;
  return () => {
    file ??= describe();
    return file;
  };
}

/** What the types of a generated module are described in, as far as a bundler keeps them. */
export function generatedParts(header: () => FileHeader): FileParts {
  return new FileParts(header);
}

/** Gives a file's descriptor, made of its outline on the first call. Where it is kept, its types are described by it. */
export function generatedFile(
  parts: FileParts,
  outline: () => FileOutline,
  dependencies: () => readonly FileDescriptor[] = () => [],
): GetFile {
  return parts.setWhole(lateFile(() => describeFile(joinOutline(parts.header(), outline()), dependencies())));
}

/** A message type of a generated module. */
export function generatedMessage<Message, Init>(
  typeName: string,
  fields: MessageFields<Message, Init>,
  parts: FileParts,
  part: DescribePart,
): MessageType<Message, Init> {
  return messageType(typeName, fields, () => findMessage(parts.fileWith(part), typeName));
}

/** An enum type of a generated module. */
export function generatedEnum<Name extends string>(
  typeName: string,
  values: { readonly [name in Name]: number },
  parts: FileParts,
  part: DescribePart,
): EnumType<Name> {
  return enumType(typeName, values, () => findEnum(parts.fileWith(part), typeName));
}

/** A closed enum type of a generated module. */
export function generatedClosedEnum<Name extends string>(
  typeName: string,
  values: { readonly [name in Name]: number },
  parts: FileParts,
  part: DescribePart,
): EnumType<Name, Name> {
  return enumType(typeName, values, () => findEnum(parts.fileWith(part), typeName), true) as EnumType<Name, Name>;
}

/** An extension of a generated module; `wire` gives that of its values. */
export function generatedExtension<Message, Value, Init>(
  typeName: string,
  // biome-ignore lint/suspicious/noExplicitAny: a bound that every wire fits, in both directions
  wire: () => Wire<any, any>,
  file: GetFile,
): Extension<Message, Value, Init> {
  return extensionType(typeName, wire, () => findExtension(file(), typeName));
}

/** A method of a generated module, on its own. It has a descriptor only where its service is kept too. */
export function generatedMethod<Kind extends CallKind, Input extends AnyMessageType, Output extends AnyMessageType>(
  method: MethodParts<Kind, Input, Output>,
  parts: FileParts,
): Method<Kind, Input, Output> {
  return methodType({
    ...method,
    describe: () => {
      const file = parts.whole();
      return file === undefined ? undefined : findMethod(findService(file, method.serviceName), method.name);
    },
  });
}

/** A service of a generated module. */
export function generatedService<Methods extends { readonly [localName: string]: Method }>(
  typeName: string,
  methods: Methods,
  file: GetFile,
): Service<Methods> {
  return serviceType(typeName, methods, () => findService(file(), typeName));
}

function findMessage(file: FileDescriptor, fullName: string): MessageDescriptor {
  const scopes: { readonly messages: readonly MessageDescriptor[] }[] = [file];
  for (const scope of scopes) {
    for (const message of scope.messages) {
      if (message.fullName === fullName) return message;
      if (fullName.startsWith(`${message.fullName}.`)) scopes.push(message);
    }
  }
  throw missing(file, fullName);
}

function findEnum(file: FileDescriptor, fullName: string): EnumDescriptor {
  const parent = fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));
  const scope = parent === file.package ? file : findMessage(file, parent);
  return scope.enums.find((one) => one.fullName === fullName) ?? throwMissing(file, fullName);
}

function findExtension(file: FileDescriptor, fullName: string): ExtensionDescriptor {
  const parent = fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));
  const { extensions = [] } = parent === file.package ? file : findMessage(file, parent);
  return extensions.find((one) => one.fullName === fullName) ?? throwMissing(file, fullName);
}

function findService(file: FileDescriptor, fullName: string): ServiceDescriptor {
  return file.services.find((one) => one.fullName === fullName) ?? throwMissing(file, fullName);
}

function findMethod(service: ServiceDescriptor, name: string): MethodDescriptor {
  return service.methods.find((one) => one.name === name) ?? throwMissing(service.file, `${service.fullName}.${name}`);
}

function missing(file: FileDescriptor, fullName: string): TypeError {
  return new TypeError(`the outline of ${file.name} lacks ${fullName}: the generated module was edited`);
}

function throwMissing(file: FileDescriptor, fullName: string): never {
  throw missing(file, fullName);
}
