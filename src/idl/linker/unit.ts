// IDL layer: a file on its way from syntax tree to descriptor, and what the steps of the linker know about it.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  Options,
  ServiceDescriptor,
} from "../descriptor.ts";
import type { Problems, SourceErrorDetails } from "../source-error.ts";
import type {
  EnumNode,
  ExtendNode,
  FieldNode,
  ImportNode,
  MessageNode,
  OptionNode,
  ParsedFile,
  ServiceNode,
} from "../syntax-tree.ts";

/** A descriptor while it is being made. */
export type Draft<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export interface MessageWork {
  readonly node: MessageNode;
  readonly message: Draft<MessageDescriptor>;
}

export interface EnumWork {
  readonly node: EnumNode;
  readonly enum: Draft<EnumDescriptor>;
}

export interface ServiceWork {
  readonly node: ServiceNode;
  readonly service: Draft<ServiceDescriptor>;
}

export interface ExtendWork {
  readonly node: ExtendNode;
  readonly parent: Draft<MessageDescriptor> | undefined;
  /** The full name of what is around the block: a message or the package. */
  readonly scope: string;
}

export interface FieldWork {
  readonly node: FieldNode;
  readonly field: Draft<FieldDescriptor>;
}

export interface ExtensionWork {
  readonly node: FieldNode;
  readonly extension: Draft<ExtensionDescriptor>;
}

/** What options are written on, as `FieldOptions.OptionTargetType` names it. */
export type OptionTarget =
  | "FILE"
  | "EXTENSION_RANGE"
  | "MESSAGE"
  | "FIELD"
  | "ONEOF"
  | "ENUM"
  | "ENUM_ENTRY"
  | "SERVICE"
  | "METHOD";

/** Options that wait until every extension of their file is known. */
export interface OptionWork {
  readonly nodes: readonly OptionNode[];
  readonly target: OptionTarget;
  /** Whose `options` are set. */
  readonly owner: { options: Options };
  /** Where the names of extensions are looked up from. */
  readonly scope: string;
}

/** The messages `google.protobuf.*Options` by full name. */
export type StandardOptions = ReadonlyMap<string, MessageDescriptor>;

/** One file in the linker. */
export interface Unit {
  readonly parsed: ParsedFile;
  readonly file: Draft<FileDescriptor>;
  /** Imported files, beside their import statements; one that is missing has no unit and ends linking before this is used. */
  readonly imports: readonly { readonly node: ImportNode; readonly unit: Unit }[];
  /** Files whose names it may use: itself, its imports, and what those import `public`. Each with the import it came by. */
  readonly visible: ReadonlyMap<Unit, ImportNode | undefined>;
  /** Packages of the visible files, with the packages around them. */
  readonly packages: ReadonlySet<string>;
  /** Imports that something was used from. */
  readonly used: Set<ImportNode>;
  readonly messages: MessageWork[];
  readonly enums: EnumWork[];
  readonly services: ServiceWork[];
  readonly extends: ExtendWork[];
  readonly fields: FieldWork[];
  /** The synthetic messages of map fields. */
  readonly mapEntries: Map<FieldNode, Draft<MessageDescriptor>>;
  readonly options: OptionWork[];
  readonly extensions: ExtensionWork[];
  /** Notes a mistake at an offset of this file. */
  report(at: number, details: SourceErrorDetails): void;
}

/** What a full name stands for. */
export type Declared =
  | { readonly kind: "package" }
  | { readonly kind: "message"; readonly message: MessageDescriptor }
  | { readonly kind: "enum"; readonly enum: EnumDescriptor }
  | { readonly kind: "enum-value" | "field" | "oneof" | "service" | "method" }
  /** `extension` is there once the type of the extension is known. */
  | { readonly kind: "extension"; extension: ExtensionDescriptor | undefined };

/** A declared name with the file and place of its declaration. */
export interface DeclaredName {
  readonly fullName: string;
  readonly declared: Declared;
  readonly unit: Unit;
  readonly at: number;
}

/** The kinds of things as sentences call them. */
export const kindNames = {
  package: "a package",
  message: "a message",
  enum: "an enum",
  "enum-value": "an enum value",
  field: "a field",
  oneof: "a oneof",
  service: "a service",
  method: "a method",
  extension: "an extension",
} as const satisfies Record<Declared["kind"], string>;

/** Makes a unit with nothing declared yet. Its dependencies must be units already. */
export function createUnit(parsed: ParsedFile, imports: Unit["imports"], problems: Problems): Unit {
  const dependenciesOf = (kind: ImportNode["kind"]) =>
    imports.filter(({ node }) => node.kind === kind).map(({ unit }) => unit.file);
  const weak = dependenciesOf("weak");
  const file: Draft<FileDescriptor> = {
    kind: "file",
    name: parsed.source.name,
    package: parsed.package?.text ?? "",
    syntax: parsed.syntax,
    dependencies: imports.map(({ unit }) => unit.file),
    publicDependencies: dependenciesOf("public"),
    ...(weak.length === 0 ? {} : { weakDependencies: weak }),
    messages: [],
    enums: [],
    services: [],
    options: {},
    comments: parsed.comments,
  };
  const visible = new Map<Unit, ImportNode | undefined>();
  const packages = new Set<string>();
  const unit: Unit = {
    parsed,
    file,
    imports,
    visible,
    packages,
    used: new Set(),
    messages: [],
    enums: [],
    services: [],
    extends: [],
    fields: [],
    mapEntries: new Map(),
    options: [],
    extensions: [],
    report: (at, details) => problems.report(parsed.source, at, details),
  };
  collectVisible(unit, visible);
  for (const seen of visible.keys()) addPackage(packages, seen.file.package);
  return unit;
}

function collectVisible(unit: Unit, visible: Map<Unit, ImportNode | undefined>): void {
  visible.set(unit, undefined);
  for (const { node, unit: imported } of unit.imports) visible.set(imported, node);
  for (const { node, unit: imported } of unit.imports) {
    const pending = imported.imports.filter((inner) => inner.node.kind === "public").map((inner) => inner.unit);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (visible.has(next)) continue;
      visible.set(next, node);
      for (const inner of next.imports) if (inner.node.kind === "public") pending.push(inner.unit);
    }
  }
}

function addPackage(packages: Set<string>, name: string): void {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) packages.add(name.slice(0, end));
}
