// IDL layer, printer: the shortest safe way to write a name so that it is found again from where it stands.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
} from "../descriptor.ts";

/** What a name may stand in. */
export type Place = FileDescriptor | MessageDescriptor | ServiceDescriptor;

/** Words that mean something else where a type may stand. */
const keywords: ReadonlySet<string> = new Set([
  ...["message", "enum", "oneof", "option", "reserved", "extend", "extensions", "group", "map", "stream", "rpc"],
  ...["optional", "repeated", "required", "double", "float", "int32", "int64", "uint32", "uint64", "sint32"],
  ...["sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"],
]);

/** Names as one file writes them. */
export class References {
  readonly #file: FileDescriptor;
  /** Full names at the top of all files whose names this one sees, packages included. */
  readonly #topNames = new Set<string>();
  readonly #members = new Map<MessageDescriptor, ReadonlySet<string>>();
  /** Extensions that this file can use, by full name. */
  readonly extensions = new Map<string, ExtensionDescriptor>();

  constructor(file: FileDescriptor) {
    this.#file = file;
    const pending = [file, ...file.dependencies];
    const seen = new Set<FileDescriptor>();
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(...next.publicDependencies);
      this.#collect(next);
    }
  }

  /**
   * `fullName` as written inside `place`: without the message or the file's package around it if it can be, with a leading dot
   * if it must be.
   */
  write(fullName: string, place: Place): string {
    return (place.kind === "message" ? this.#writeInside(fullName, place) : undefined) ?? this.#write(fullName, place);
  }

  /** The name of what is declared in `place`, or in a message around it. */
  #writeInside(fullName: string, place: MessageDescriptor): string | undefined {
    const passed: MessageDescriptor[] = [];
    for (let around: MessageDescriptor | undefined = place; around !== undefined; around = around.parent) {
      if (fullName.startsWith(`${around.fullName}.`)) {
        const short = fullName.slice(around.fullName.length + 1);
        const first = short.split(".", 1)[0] as string;
        const isHidden = keywords.has(first) || passed.some((inner) => this.#membersOf(inner).has(first));
        return isHidden ? undefined : short;
      }
      passed.push(around);
    }
    return undefined;
  }

  #write(fullName: string, place: Place): string {
    const prefix = this.#file.package === "" ? "" : `${this.#file.package}.`;
    const own = fullName.startsWith(prefix);
    const short = own ? fullName.slice(prefix.length) : fullName;
    const first = short.split(".", 1)[0] as string;
    const hidden = keywords.has(first) || this.#hiddenInside(first, place) || (!own && this.#hiddenByPackage(first));
    return hidden ? `.${fullName}` : short;
  }

  #hiddenInside(first: string, place: Place): boolean {
    if (place.kind === "file") return false;
    if (place.kind === "service") return place.methods.some(({ name }) => name === first);
    for (let around: MessageDescriptor | undefined = place; around !== undefined; around = around.parent) {
      if (this.#membersOf(around).has(first)) return true;
    }
    return false;
  }

  #membersOf(message: MessageDescriptor): ReadonlySet<string> {
    const names = this.#members.get(message) ?? new Set(memberNames(message));
    this.#members.set(message, names);
    return names;
  }

  #hiddenByPackage(first: string): boolean {
    for (
      let around = this.#file.package;
      around !== "";
      around = around.slice(0, Math.max(0, around.lastIndexOf(".")))
    ) {
      if (this.#topNames.has(`${around}.${first}`)) return true;
    }
    return false;
  }

  #collect(file: FileDescriptor): void {
    for (let name = file.package; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
      this.#topNames.add(name);
    }
    for (const { fullName } of [...file.messages, ...file.enums, ...file.services]) this.#topNames.add(fullName);
    for (const { fullName } of file.extensions ?? []) this.#topNames.add(fullName);
    const prefix = file.package === "" ? "" : `${file.package}.`;
    for (const name of valueNames(file.enums)) this.#topNames.add(`${prefix}${name}`);
    this.#collectExtensions(file);
  }

  #collectExtensions({ extensions = [], messages }: FileDescriptor | MessageDescriptor): void {
    for (const extension of extensions) this.extensions.set(extension.fullName, extension);
    for (const message of messages) this.#collectExtensions(message);
  }
}

function valueNames(enums: readonly EnumDescriptor[]): readonly string[] {
  return enums.flatMap(({ values }) => values.map(({ name }) => name));
}

function memberNames({ fields, oneofs, messages, enums, extensions = [] }: MessageDescriptor): readonly string[] {
  return [...[fields, oneofs, messages, enums, extensions].flat().map(({ name }) => name), ...valueNames(enums)];
}
