// Services: the files of a server by what they declare, for reflection. Files are told apart by their path: of two that
// claim the same one, the fuller counts, else the first: contracts in TypeScript stand on a part of descriptor.proto.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
} from "../idl/descriptor.ts";
import { encodeFileDescriptor } from "../marshal/descriptor-set/index.ts";

/** Files and all that they import. */
export class FileIndex {
  readonly #files = new Map<string, FileDescriptor>();
  /** By full name: services, methods, messages, fields, oneofs, enums, their values, extensions. */
  readonly #declaredIn = new Map<string, FileDescriptor>();
  /** By the extended message's full name and the number. */
  readonly #extendedIn = new Map<string, Map<number, FileDescriptor>>();
  readonly #messages = new Set<string>();
  readonly #encoded = new Map<FileDescriptor, Uint8Array>();

  constructor(files: readonly FileDescriptor[]) {
    // A set's iterator also visits what is added on the way.
    const all = new Set(files);
    for (const file of all) {
      for (const dependency of file.dependencies) all.add(dependency);
      const known = this.#files.get(file.name);
      if (known === undefined || known.messages.length < file.messages.length) this.#files.set(file.name, file);
    }
    for (const file of this.#files.values()) this.#addFile(file);
  }

  /** The file of a path. */
  file(path: string): FileDescriptor | undefined {
    return this.#files.get(path);
  }

  /** The file that declares a full name. */
  declaring(fullName: string): FileDescriptor | undefined {
    return this.#declaredIn.get(fullName);
  }

  /** The file with the extension of a message that has a number. */
  extending(fullName: string, number: number): FileDescriptor | undefined {
    return this.#extendedIn.get(fullName)?.get(number);
  }

  /** The numbers of all extensions of a message, in order; undefined when there is no such message. */
  extensionNumbers(fullName: string): readonly number[] | undefined {
    if (!this.#messages.has(fullName)) return undefined;
    return [...(this.#extendedIn.get(fullName)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** A file and all that it imports at any distance, itself first. */
  withDependencies(file: FileDescriptor): FileDescriptor[] {
    const all = new Set([file]);
    for (const one of all) {
      for (const { name } of one.dependencies) all.add(this.#files.get(name) as FileDescriptor);
    }
    return [...all];
  }

  /** A file as google.protobuf.FileDescriptorProto. Throws a `MarshalError` when it has an option that nothing declares. */
  encode(file: FileDescriptor): Uint8Array {
    const known = this.#encoded.get(file);
    if (known !== undefined) return known;
    const bytes = encodeFileDescriptor(file);
    this.#encoded.set(file, bytes);
    return bytes;
  }

  #addFile(file: FileDescriptor): void {
    for (const message of file.messages) this.#addMessage(message);
    for (const one of file.enums) this.#addEnum(one);
    for (const service of file.services) this.#addService(service);
    for (const extension of file.extensions ?? []) this.#addExtension(extension);
  }

  #addMessage(message: MessageDescriptor): void {
    const { file, fullName } = message;
    this.#messages.add(fullName);
    this.#declare(fullName, file);
    for (const { name } of [...message.fields, ...message.oneofs]) this.#declare(`${fullName}.${name}`, file);
    for (const nested of message.messages) this.#addMessage(nested);
    for (const nested of message.enums) this.#addEnum(nested);
    for (const extension of message.extensions ?? []) this.#addExtension(extension);
  }

  #addEnum({ file, fullName, values }: EnumDescriptor): void {
    this.#declare(fullName, file);
    // The values of an enum are its siblings, not its members (descriptor.proto, EnumValueDescriptorProto).
    const scope = fullName.slice(0, fullName.lastIndexOf(".") + 1);
    for (const { name } of values) this.#declare(`${scope}${name}`, file);
  }

  #addService({ file, fullName, methods }: ServiceDescriptor): void {
    this.#declare(fullName, file);
    for (const { name } of methods) this.#declare(`${fullName}.${name}`, file);
  }

  #addExtension({ file, fullName, extendee, number }: ExtensionDescriptor): void {
    this.#declare(fullName, file);
    const known = this.#extendedIn.get(extendee.fullName) ?? new Map<number, FileDescriptor>();
    if (!known.has(number)) known.set(number, file);
    this.#extendedIn.set(extendee.fullName, known);
  }

  #declare(fullName: string, file: FileDescriptor): void {
    if (!this.#declaredIn.has(fullName)) this.#declaredIn.set(fullName, file);
  }
}
