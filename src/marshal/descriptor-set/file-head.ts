// Marshal layer, descriptor sets: what one file says of itself, read without linking it: its path, its imports, the types it
// declares and those it uses. Whoever gathers files learns from it what is still missing.
import { joinName, scopeOf } from "../../idl/names.ts";
import { type FileProto, FileProtoType, type MessageProto } from "./protos.ts";

/** What a file says of itself. Nothing of it is checked. */
export interface FileHead {
  /** The path it is imported by. */
  readonly name: string;
  readonly dependencies: readonly string[];
  /** Full names of its messages and enums, at any depth. */
  readonly declares: readonly string[];
  /**
   * The types of its fields, extensions and methods, each as the full names that it may stand for, likeliest first: one,
   * as compilers write them; several where a name is to be looked up from the innermost scope outwards.
   */
  readonly uses: readonly (readonly string[])[];
}

/** Reads the head of a `google.protobuf.FileDescriptorProto`, and links nothing. Throws a `MarshalError`. */
export function decodeFileHead(bytes: Uint8Array): FileHead {
  return headOf(FileProtoType.decode(bytes));
}

/** The head of a file that is decoded already. */
export function headOf(proto: FileProto): FileHead {
  const declares: string[] = [];
  const uses = new Map<string, readonly string[]>();
  const use = (name: string | undefined, scope: string): void => {
    if (name === undefined) return;
    const meant = name.startsWith(".") ? [name.slice(1)] : namesOutwards(name, scope);
    uses.set(meant[0] as string, meant);
  };
  const visit = (parent: FileProto | MessageProto, scope: string): void => {
    for (const one of parent.enumType) declares.push(joinName(scope, one.name ?? ""));
    for (const one of "field" in parent ? [...parent.field, ...parent.extension] : parent.extension) {
      use(one.typeName, scope);
      use(one.extendee, scope);
    }
    for (const one of "field" in parent ? parent.nestedType : parent.messageType) {
      const fullName = joinName(scope, one.name ?? "");
      declares.push(fullName);
      visit(one, fullName);
    }
  };
  visit(proto, proto.package ?? "");
  for (const { name, method } of proto.service) {
    for (const one of method) {
      use(one.inputType, joinName(proto.package ?? "", name ?? ""));
      use(one.outputType, joinName(proto.package ?? "", name ?? ""));
    }
  }
  return { name: proto.name ?? "", dependencies: proto.dependency, declares, uses: [...uses.values()] };
}

function namesOutwards(name: string, scope: string): string[] {
  const names: string[] = [];
  for (let outer = scope; outer !== ""; outer = scopeOf(outer)) names.push(joinName(outer, name));
  return [...names, name];
}
