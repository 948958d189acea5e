// Marshal layer, builder: a file of a contract that is written in TypeScript: its path, its package and what it says for all
// that it declares. Without one, each declaration is described in a file of its own.
import type { FileDescriptor } from "../../idl/descriptor.ts";
import { defaultFeatures, type Features } from "../../idl/features.ts";
import type { FileRules } from "../../idl/generator/words.ts";
import { assertFullName } from "./check.ts";
import { type Contract, type Declared, definitionOf, packageOf } from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import { assemble, describeDeclared, editionRules, rulesFor } from "./describe.ts";
import { closureOf, filesFor, uniqueFiles } from "./group.ts";
import type { Said } from "./options.ts";

/** A file of a contract. */
export interface ContractFile {
  readonly kind: "file";
  /** The path that others import it by. */
  readonly name: string;
  /** Made on first use. */
  readonly descriptor: FileDescriptor;
}

/** What may be said about a file. Its options are protobuf's, `{ go_package: "example.com/dirs" }`. */
export interface FileOptions extends Said {
  /** Default: that of what it declares. */
  readonly package?: string;
  /** Default: proto3 where that can say all that it declares, else the edition. */
  readonly syntax?: "proto2" | "proto3" | "2023";
  /** Of an edition: what it says for all of its fields and enums, which then need not say it. */
  readonly features?: Partial<Features>;
  /** Files that it imports though nothing in it needs them. */
  readonly imports?: readonly ImportInit[];
  /** Files whose names who imports it may use too. */
  readonly publicImports?: readonly ImportInit[];
  readonly weakImports?: readonly ImportInit[];
}

/** A file that is imported: of the builder, or a descriptor's. */
export type ImportInit = ContractFile | FileDescriptor;

/**
 * Defines a file: `file("dirs.proto", [Directories], { options: { go_package: "example.com/dirs" } })`. What its declarations
 * refer to is in it too, where that is of its package and in no other file. Throws a `DefinitionError`.
 */
export function file(name: string, declared: readonly Declared[], options: FileOptions = {}): ContractFile {
  return new FileOfContract(name, declared, options);
}

class FileOfContract implements ContractFile, Contract {
  readonly kind = "file";
  readonly name: string;
  readonly package: string;
  readonly #declared: readonly Declared[];
  readonly #options: FileOptions;
  #descriptor: FileDescriptor | undefined;
  #isOpen = false;

  constructor(name: string, declared: readonly Declared[], options: FileOptions) {
    if (!/^(?!\/)[^\\\0]+$/.test(name) || name.split("/").some((part) => /^\.*$/.test(part))) {
      throw new DefinitionError("bad-name", name, "expected a path with / between, such as shop/order.proto");
    }
    this.name = name;
    this.package = options.package ?? packageOf(declared[0]?.typeName ?? "");
    if (this.package !== "") assertFullName(this.package);
    if (options.features !== undefined && options.syntax !== undefined && options.syntax !== "2023") {
      throw new DefinitionError("bad-option", name, `features belong to editions, and this file is ${options.syntax}`);
    }
    for (const one of declared) this.#claim(one);
    this.#declared = declared;
    this.#options = options;
  }

  #claim(declared: Declared): void {
    const { typeName } = declared;
    const home = definitionOf(declared)?.home;
    const refuse = (code: "bad-type" | "bad-name" | "duplicate", advice: string): DefinitionError =>
      new DefinitionError(code, this.name, `${typeName} ${advice}`);
    if (home === undefined) throw refuse("bad-type", "was not written with the builder: its file has it already");
    if (home.parent !== undefined)
      throw refuse("bad-type", `is in the file of ${home.parent.typeName}, which holds it`);
    if (home.contract !== undefined) throw refuse("duplicate", `is in ${home.contract.name} already`);
    if (home.file !== undefined) throw refuse("duplicate", "was described before it was given a file");
    if (packageOf(typeName) !== this.package) throw refuse("bad-name", `is not of the package ${this.package}`);
    home.contract = this;
  }

  get descriptor(): FileDescriptor {
    return this.describe();
  }

  describe(): FileDescriptor {
    if (this.#descriptor !== undefined) return this.#descriptor;
    if (this.#isOpen) {
      const advice = "it and a file that it imports import each other: move what both need into a third";
      throw new DefinitionError("bad-type", this.name, advice);
    }
    this.#isOpen = true;
    try {
      this.#descriptor = this.#assemble();
      return this.#descriptor;
    } finally {
      this.#isOpen = false;
    }
  }

  #assemble(): FileDescriptor {
    const { imports = [], publicImports = [], weakImports = [] } = this.#options;
    const group = closureOf(this.#declared, this.package);
    for (const one of group) {
      const home = definitionOf(one)?.home;
      if (home !== undefined) home.contract = this;
    }
    const named = [...publicImports, ...weakImports, ...imports].map(descriptorOf);
    const dependencies = uniqueFiles([...named, ...filesFor(group, describeDeclared)]);
    const placesOf = (some: readonly ImportInit[]) =>
      some.map((one) => dependencies.findIndex(({ name }) => name === one.name));
    const declared = [...group];
    return assemble(
      {
        name: this.name,
        package: this.package,
        publicDependencies: placesOf(publicImports),
        ...(weakImports.length === 0 ? {} : { weakDependencies: placesOf(weakImports) }),
      },
      declared,
      { dependencies, rules: this.#rulesFor(declared), said: this.#options },
    );
  }

  #rulesFor(declared: readonly Declared[]): FileRules {
    const { syntax, features } = this.#options;
    if (syntax === "proto2" || syntax === "proto3") return { syntax, features: defaultFeatures[syntax] };
    if (features !== undefined) return editionRules(features);
    const usual = rulesFor(declared);
    return syntax === "2023" && usual.syntax !== "editions" ? editionRules(presenceOf(usual)) : usual;
  }
}

/** What a file of proto3 says of presence, for an edition. */
function presenceOf(rules: FileRules): Partial<Features> {
  return { fieldPresence: rules.features.fieldPresence };
}

function descriptorOf(one: ImportInit): FileDescriptor {
  return "descriptor" in one ? one.descriptor : one;
}
