// Marshal layer, descriptor sets: from the bytes of google/protobuf/descriptor.proto to descriptors, linked with each
// other. The bytes may come from anywhere - a server's reflection, a file of protoc - and are trusted in nothing.
import { ReadError } from "../../bytes/reader.ts";
import { withDependencies } from "../../idl/dependencies.ts";
import type { FileDescriptor, Options } from "../../idl/descriptor.ts";
import { describeFile } from "../../idl/generator/describe.ts";
import { inField, MarshalError } from "../errors.ts";
import { headOf } from "./file-head.ts";
import { type DeferOptions, decodeOptions, type OptionTarget } from "./option-bytes.ts";
import { OptionSchema } from "./option-schema.ts";
import { outlineProto } from "./outline-file.ts";
import { type FileProto, FileProtoType, FileSetType } from "./protos.ts";
import { badDescriptor, TypeIndex } from "./type-index.ts";

/** Files that import each other in a longer chain are refused. */
const maxImportDepth = 1000;

/** How files are linked. */
export interface LinkDescriptorsOptions {
  /** Gives a file that is imported and not among those given, by its path; undefined when there is none. */
  readonly find?: (path: string) => FileDescriptor | undefined;
  /**
   * Add the imports that a file lacks for types which others of the files given declare. Default false: that is an error, as
   * protobuf has it. The reflection of grpc-js leaves imports out.
   */
  readonly addImports?: boolean;
}

/**
 * The files in a `google.protobuf.FileDescriptorSet`, in its order, linked. Throws a `MarshalError` for bytes that are none,
 * `bad-descriptor` when a file breaks protobuf's rules or an import is missing.
 */
export function decodeFileDescriptorSet(bytes: Uint8Array, options: LinkDescriptorsOptions = {}): FileDescriptor[] {
  return linkFileDescriptors(FileSetType.decode(bytes).file, options);
}

/**
 * The files in some `google.protobuf.FileDescriptorProto`s, in any order, as a server's reflection gives them; of one path
 * only the first counts. Throws as `decodeFileDescriptorSet`.
 *
 * Comments are not read. Options that no file declares are left out.
 */
export function linkFileDescriptors(
  protos: readonly Uint8Array[],
  options: LinkDescriptorsOptions = {},
): FileDescriptor[] {
  return new FileLinker(protos, options).link();
}

/** Options that wait until all files are linked. */
interface PendingOptions {
  readonly target: OptionTarget;
  readonly bytes: Uint8Array;
  readonly record: Options;
  readonly owner: string;
}

class FileLinker {
  readonly #protos = new Map<string, FileProto>();
  readonly #find: (path: string) => FileDescriptor | undefined;
  /** `undefined` while a file's imports are being linked. */
  readonly #files = new Map<string, FileDescriptor | undefined>();
  readonly #pending: PendingOptions[] = [];
  /** Where a type is declared, for files that do not say so. */
  readonly #declaredIn = new Map<string, string>();
  readonly #standardOptions = new OptionSchema([]);

  constructor(protos: readonly Uint8Array[], { find = () => undefined, addImports = false }: LinkDescriptorsOptions) {
    this.#find = find;
    for (const bytes of protos) {
      const proto = FileProtoType.decode(bytes);
      const name = proto.name ?? "";
      if (name === "") throw badDescriptor("", "a file needs a name");
      if (this.#protos.has(name)) continue;
      this.#protos.set(name, proto);
      if (addImports) for (const type of headOf(proto).declares) this.#declaredIn.set(type, name);
    }
  }

  link(): FileDescriptor[] {
    const files = [...this.#protos.keys()].map((path) => this.#link(path, []));
    this.#readOptions(files);
    return files;
  }

  #link(path: string, importers: readonly string[]): FileDescriptor {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    if (this.#files.has(path)) throw badDescriptor(path, "the file imports itself, directly or through others");
    if (importers.length > maxImportDepth) throw badDescriptor(path, `more than ${maxImportDepth} files in a chain`);
    const proto = this.#protos.get(path);
    const file = proto === undefined ? this.#find(path) : this.#linkProto(path, proto, importers);
    if (file === undefined) throw badDescriptor(importers.at(-1) ?? path, `the import ${path} is missing`);
    this.#files.set(path, file);
    return file;
  }

  #linkProto(path: string, proto: FileProto, importers: readonly string[]): FileDescriptor {
    this.#files.set(path, undefined);
    const dependencies = proto.dependency.map((one) => this.#link(one, [...importers, path]));
    for (const index of [...proto.publicDependency, ...proto.weakDependency]) {
      if (dependencies[index] === undefined) throw badDescriptor(path, `the file has no import ${index}`);
    }
    const deferOptions: DeferOptions = (target, bytes, owner) => {
      const record: Options = {};
      if (bytes === undefined) return record;
      const pending = { target, bytes, record, owner };
      this.#pending.push(pending);
      // How fields look on the wire hangs on standard options alone.
      readInto(this.#standardOptions, pending);
      if (record["features"] !== undefined && proto.syntax !== "editions") {
        throw badDescriptor(owner, "features are options of editions only");
      }
      return record;
    };
    const added = this.#lackingImports(proto, dependencies);
    for (const one of added) dependencies.push(this.#link(one, [...importers, path]));
    const types = new TypeIndex(proto, dependencies);
    return describeFile(outlineProto(proto, { types, deferOptions }), dependencies);
  }

  /** Paths of files that declare what the file uses and does not import. */
  #lackingImports(proto: FileProto, dependencies: readonly FileDescriptor[]): ReadonlySet<string> {
    const lacking = new Set<string>();
    if (this.#declaredIn.size === 0) return lacking;
    const types = new TypeIndex(proto, dependencies);
    for (const names of headOf(proto).uses) {
      if (names.some((name) => types.has(name))) continue;
      const found = names.find((name) => this.#declaredIn.has(name));
      if (found !== undefined) lacking.add(this.#declaredIn.get(found) as string);
    }
    return lacking;
  }

  #readOptions(files: readonly FileDescriptor[]): void {
    const schema = this.#standardOptions.with(withDependencies(files));
    for (const pending of this.#pending) {
      for (const name of Object.keys(pending.record)) Reflect.deleteProperty(pending.record, name);
      readInto(schema, pending);
    }
  }
}

function readInto(schema: OptionSchema, { target, bytes, record, owner }: PendingOptions): void {
  try {
    decodeOptions(schema, schema.standard(target), { bytes, record });
  } catch (error) {
    if (!(error instanceof ReadError)) throw inField(error, owner);
    throw new MarshalError(error.code, error.message, { path: owner, cause: error });
  }
}
