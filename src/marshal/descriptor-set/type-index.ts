// Marshal layer, descriptor sets: what the type names in one `FileDescriptorProto` stand for: its own types, and those of
// its imports and of what these import publicly.
import type { FileDescriptor, MessageDescriptor } from "../../idl/descriptor.ts";
import { joinName, scopeOf } from "../../idl/names.ts";
import { MarshalError } from "../errors.ts";
import { isMapEntry } from "./map-entry.ts";
import type { FileProto, MessageProto } from "./protos.ts";

/** A type as far as a field of it must know. `entry` is there for the entry types of the file's own map fields. */
export interface IndexedType {
  readonly kind: "message" | "enum";
  readonly fullName: string;
  readonly entry?: MessageProto;
}

/** The error for a file that breaks a rule; `subject` is a full name in it. */
export function badDescriptor(subject: string, detail: string): MarshalError {
  return new MarshalError("bad-descriptor", detail, { path: subject });
}

/** `name`, when it is one; else throws. */
export function checkedName(name: string | undefined, scope: string): string {
  if (name !== undefined && /^[A-Za-z_]\w*$/.test(name)) return name;
  throw badDescriptor(scope, `${JSON.stringify(name ?? "")} is not a name`);
}

/** The types that one file may use. */
export class TypeIndex {
  readonly #types = new Map<string, IndexedType>();
  readonly #package: string;

  /** Throws a `MarshalError` when the file declares a type twice, or one that an import has. */
  constructor(proto: FileProto, dependencies: readonly FileDescriptor[]) {
    this.#package = proto.package ?? "";
    const visited = new Set<FileDescriptor>();
    for (const one of dependencies) this.#addFile(one, visited);
    for (const one of proto.messageType) this.#addMessage(one, this.#package);
    for (const one of proto.enumType) this.#add({ kind: "enum", fullName: fullNameOf(one, this.#package) });
  }

  #addFile(file: FileDescriptor, visited: Set<FileDescriptor>): void {
    if (visited.has(file)) return;
    visited.add(file);
    const addMessage = ({ fullName, messages, enums }: MessageDescriptor): void => {
      this.#types.set(fullName, { kind: "message", fullName });
      messages.filter((one) => !one.mapEntry).forEach(addMessage);
      for (const one of enums) this.#types.set(one.fullName, { kind: "enum", fullName: one.fullName });
    };
    file.messages.forEach(addMessage);
    for (const one of file.enums) this.#types.set(one.fullName, { kind: "enum", fullName: one.fullName });
    for (const one of file.publicDependencies) this.#addFile(one, visited);
  }

  #addMessage(proto: MessageProto, scope: string): void {
    const fullName = fullNameOf(proto, scope);
    this.#add({ kind: "message", fullName, ...(isMapEntry(proto) ? { entry: proto } : {}) });
    for (const one of proto.nestedType) this.#addMessage(one, fullName);
    for (const one of proto.enumType) this.#add({ kind: "enum", fullName: fullNameOf(one, fullName) });
  }

  #add(type: IndexedType): void {
    if (this.#types.has(type.fullName)) throw badDescriptor(type.fullName, "the type is declared twice");
    this.#types.set(type.fullName, type);
  }

  /**
   * The type that `name` stands for in `scope`, a full name. A leading dot makes it a full name itself; without one it is
   * looked up from the innermost scope outwards. Throws a `MarshalError` when there is none.
   */
  resolve(name: string, scope: string): IndexedType {
    const found = name.startsWith(".") ? this.#types.get(name.slice(1)) : this.#lookUp(name, scope);
    if (found === undefined) throw badDescriptor(scope, `neither the file nor its imports declare ${name}`);
    return found;
  }

  /** Whether a full name stands for a type. */
  has(fullName: string): boolean {
    return this.#types.has(fullName);
  }

  #lookUp(name: string, scope: string): IndexedType | undefined {
    for (let outer = scope; ; outer = scopeOf(outer)) {
      const found = this.#types.get(joinName(outer, name));
      if (found !== undefined || outer === "") return found;
    }
  }
}

function fullNameOf({ name }: { readonly name: string | undefined }, scope: string): string {
  return joinName(scope, checkedName(name, scope));
}
