// IDL layer, generator: the text of one generated module. Whoever writes into it asks for the names it uses; imports follow
// from what was asked for.
import type {
  EnumDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ScalarType,
  ServiceDescriptor,
} from "../descriptor.ts";
import type { Int64Form } from "../int64-form.ts";
import { rpcOptionsName } from "../rpc-options.ts";
import { FileNames, type MessageNames } from "./names.ts";

/** How a module refers to others. */
export interface ModuleOptions {
  /** How relative imports end: "ts" for programs that run TypeScript as it is. */
  readonly importExtension: "js" | "ts";
  /** How 64-bit integers are seen where no `jstype` says it. */
  readonly int64: Int64Form;
  /** Where generated code finds its runtime. */
  readonly runtime: string;
}

interface Import {
  readonly exported: string;
  readonly local: string;
  readonly typeOnly: boolean;
}

/** A module while it is written. */
export class ModuleText {
  readonly file: FileDescriptor;
  readonly names: FileNames;
  readonly #options: ModuleOptions;
  readonly #imports = new Map<string, Map<string, Import>>();
  /** Names of other files, worked out once for all modules. */
  readonly #namesOf: (file: FileDescriptor) => FileNames;
  readonly #modules = new Set<string>();
  readonly #locals = new Map<object, string>();
  /** The constants that hold wires of 64-bit integers as numbers or text, by type and form. */
  readonly int64Wires = new Map<string, string>();
  readonly #parts: string[] = [];

  constructor(file: FileDescriptor, options: ModuleOptions, namesOf: (file: FileDescriptor) => FileNames) {
    this.file = file;
    this.#options = options;
    this.#namesOf = namesOf;
    // Its own copy: imports claim names in it.
    this.names = new FileNames(file);
  }

  /** How 64-bit integers are seen where no `jstype` says it. */
  get int64(): Int64Form {
    return this.#options.int64;
  }

  /** Adds a declaration. */
  add(text: string): void {
    this.#parts.push(text);
  }

  /** The local name of a value of the runtime. */
  runtime(name: string): string {
    return this.#import(this.#options.runtime, name, false);
  }

  /** The local name of a type of the runtime. */
  runtimeType(name: string): string {
    return this.#import(this.#options.runtime, name, true);
  }

  /** A global of JavaScript, also where the file declares a type of that name. */
  global(name: string): string {
    return this.names.claims.has(name) ? `globalThis.${name}` : name;
  }

  /** True when `type` is declared in this file. */
  isOwn(type: MessageDescriptor | EnumDescriptor): boolean {
    return type.file === this.file;
  }

  /** The names of a message of this file. */
  own(message: MessageDescriptor): MessageNames {
    return this.names.ofMessage(message);
  }

  /** The local name of a message's or enum's value and type. */
  nameOf(type: MessageDescriptor | EnumDescriptor): string {
    const names = this.isOwn(type) ? this.names : this.#namesOf(type.file);
    const name = type.kind === "enum" ? names.ofEnum(type) : names.ofMessage(type).type;
    return this.isOwn(type) ? name : this.#import(this.#pathTo(type.file), name, false);
  }

  /** The local name of a message's type, where its value is not needed. */
  messageTypeOf(message: MessageDescriptor): string {
    if (this.isOwn(message)) return this.own(message).type;
    return this.#import(this.#pathTo(message.file), this.#namesOf(message.file).ofMessage(message).type, true);
  }

  /** The local name of the type that a message is made from. */
  initOf(message: MessageDescriptor): string {
    if (this.isOwn(message)) return this.own(message).init;
    return this.#import(this.#pathTo(message.file), this.#namesOf(message.file).ofMessage(message).init, true);
  }

  /** The local name of the function that gives a file's descriptor. */
  fileOf(file: FileDescriptor): string {
    if (file === this.file) return this.names.file;
    if (file.name === rpcOptionsName) return this.runtime("rpcOptionsFile");
    return this.#import(this.#pathTo(file), this.#namesOf(file).file, false);
  }

  /** The modules that it imports, as `outputPath` names them. */
  importedModules(): ReadonlySet<string> {
    return this.#modules;
  }

  /** A name for something that stays within the module, the same whenever it is asked for with the same `key`. */
  localName(wanted: string, key: object): string {
    const known = this.#locals.get(key);
    if (known !== undefined) return known;
    const name = this.names.claims.claim(wanted);
    this.#locals.set(key, name);
    return name;
  }

  /** The expression for the wire of a scalar type, of 64-bit integers in a form. */
  scalarWire(scalar: ScalarType, form: Int64Form | undefined): string {
    const wire = this.runtime(`${scalar}Wire`);
    if (form === undefined || form === "bigint") return wire;
    return this.int64Wires.get(`${scalar} ${form}`) ?? wire;
  }

  serviceName(service: ServiceDescriptor): string {
    return this.names.ofService(service);
  }

  methodName(method: MethodDescriptor): string {
    return this.names.ofMethod(method);
  }

  /** The whole text: `header`, imports, declarations. */
  format(header: string): string {
    const imports = [...this.#imports]
      .sort(([a], [b]) => Number(a.startsWith(".")) - Number(b.startsWith(".")) || (a < b ? -1 : 1))
      .map(([path, found]) => formatImport(path, [...found.values()]));
    return `${header}\n${imports.join("\n")}\n\n${this.#parts.join("\n\n")}\n`;
  }

  #import(path: string, exported: string, typeOnly: boolean): string {
    const found = this.#imports.get(path) ?? new Map<string, Import>();
    this.#imports.set(path, found);
    const known = found.get(exported);
    const local = known?.local ?? this.names.claims.claim(exported);
    found.set(exported, { exported, local, typeOnly: typeOnly && known?.typeOnly !== false });
    return local;
  }

  #pathTo(file: FileDescriptor): string {
    this.#modules.add(outputPath(file));
    return relativePath(outputPath(this.file), outputPath(file)).replace(/ts$/, this.#options.importExtension);
  }
}

/** Where the module of a file goes: `google/protobuf/empty.proto` -> `google/protobuf/empty.ts`. */
export function outputPath(file: FileDescriptor): string {
  return `${file.name.replace(/\.proto$/, "")}.ts`;
}

function relativePath(from: string, to: string): string {
  const fromParts = from.split("/").slice(0, -1);
  const toParts = to.split("/");
  let shared = 0;
  while (shared < fromParts.length && fromParts[shared] === toParts[shared]) shared++;
  const up = "../".repeat(fromParts.length - shared);
  return `${up === "" ? "./" : up}${toParts.slice(shared).join("/")}`;
}

function formatImport(path: string, imports: readonly Import[]): string {
  const allTypes = imports.every((one) => one.typeOnly);
  const names = imports
    .map(({ exported, local, typeOnly }) => {
      const name = exported === local ? exported : `${exported} as ${local}`;
      return typeOnly && !allTypes ? `type ${name}` : name;
    })
    .sort((a, b) => (a.replace(/^type /, "") < b.replace(/^type /, "") ? -1 : 1));
  const keyword = allTypes ? "import type" : "import";
  const line = `${keyword} { ${names.join(", ")} } from ${JSON.stringify(path)};`;
  if (line.length <= 120) return line;
  return `${keyword} {\n${names.map((name) => `  ${name},\n`).join("")}} from ${JSON.stringify(path)};`;
}
