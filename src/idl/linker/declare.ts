// IDL layer, linker, first step: every name of a file is declared, and messages, enums and services exist, still without
// fields and methods, so that any file may refer to any of them.
import type { EnumDescriptor, MessageDescriptor, ServiceDescriptor } from "../descriptor.ts";
import { joinName, mapEntryName, syntheticOneofName } from "../names.ts";
import type { EnumNode, ExtendNode, FieldNode, MessageNode, NameNode, RangeNode, ServiceNode } from "../syntax-tree.ts";
import type { Scope } from "./scope.ts";
import type { Declared, Draft, Unit } from "./unit.ts";

/** Declares what `unit` declares. */
export function declareUnit(unit: Unit, names: Scope): void {
  new Declarer(unit, names).run();
}

/** A message with where it was written. */
interface Placed {
  readonly at: number;
  readonly message: MessageDescriptor;
}

/** Messages, groups and the entries of maps in the order of the text, as protoc lists them. */
function inOrder(placed: readonly Placed[]): MessageDescriptor[] {
  return placed.toSorted((one, other) => one.at - other.at).map(({ message }) => message);
}

class Declarer {
  readonly #unit: Unit;
  readonly #names: Scope;

  constructor(unit: Unit, names: Scope) {
    this.#unit = unit;
    this.#names = names;
  }

  run(): void {
    const { parsed, file } = this.#unit;
    if (parsed.package !== undefined) this.#declarePackage(parsed.package);
    const scope = file.package;
    const messages = parsed.messages.map((node) => this.#place(node, this.#declareMessage(node, scope, undefined)));
    file.enums = parsed.enums.map((node) => this.#declareEnum(node, scope, undefined));
    file.services = parsed.services.map((node) => this.#declareService(node, scope));
    for (const node of parsed.extends) messages.push(...this.#declareExtend(node, scope, undefined));
    file.messages = inOrder(messages);
    this.#unit.options.push({ nodes: parsed.options, target: "FILE", owner: file, scope });
  }

  #declare(fullName: string, at: number, declared: Declared): void {
    this.#names.declare({ fullName, declared, unit: this.#unit, at });
  }

  #declarePackage({ text, at }: NameNode): void {
    for (let end = text.indexOf("."); end >= 0; end = text.indexOf(".", end + 1)) {
      this.#declare(text.slice(0, end), at, { kind: "package" });
    }
    this.#declare(text, at, { kind: "package" });
  }

  #declareMessage(node: MessageNode, scope: string, parent: MessageDescriptor | undefined): MessageDescriptor {
    const fullName = joinName(scope, node.name.text);
    const message: Draft<MessageDescriptor> = {
      kind: "message",
      name: node.name.text,
      fullName,
      file: this.#unit.file,
      parent,
      fields: [],
      oneofs: [],
      messages: [],
      enums: [],
      reservedRanges: node.reservedRanges.map(toRange),
      reservedNames: node.reservedNames.map(({ text }) => text),
      mapEntry: false,
      options: {},
      comments: node.comments,
    };
    this.#declare(fullName, node.name.at, { kind: "message", message });
    this.#unit.messages.push({ node, message });
    this.#unit.options.push({ nodes: node.options, target: "MESSAGE", owner: message, scope });
    if (node.extensionRanges.length > 0) {
      message.extensionRanges = node.extensionRanges.map(({ from, to, options: nodes }) => {
        const range = { from, to, options: {} };
        this.#unit.options.push({ nodes, target: "EXTENSION_RANGE", owner: range, scope });
        return range;
      });
    }
    const nested = node.messages.map((inner) => this.#place(inner, this.#declareMessage(inner, fullName, message)));
    message.enums = node.enums.map((inner) => this.#declareEnum(inner, fullName, message));
    for (const inner of node.extends) nested.push(...this.#declareExtend(inner, fullName, message));
    for (const field of node.fields) {
      const { name, group } = field;
      this.#declare(joinName(fullName, name.text), name.at, { kind: "field" });
      if (field.mapKey !== undefined) nested.push(this.#place(field, this.#declareMapEntry(field, message)));
      if (group !== undefined) nested.push(this.#place(group, this.#declareMessage(group, fullName, message)));
    }
    for (const { name } of node.oneofs) this.#declare(joinName(fullName, name.text), name.at, { kind: "oneof" });
    if (this.#unit.parsed.syntax === "proto3") this.#declareOptionals(node, fullName);
    message.messages = inOrder(nested);
    return message;
  }

  /** The oneofs that fields written `optional` stand in. */
  #declareOptionals({ fields, oneofs }: MessageNode, scope: string): void {
    const taken = new Set([...fields, ...oneofs].map(({ name }) => name.text));
    for (const { label, name } of fields) {
      if (label !== "optional") continue;
      this.#declare(joinName(scope, syntheticOneofName(name.text, taken)), name.at, { kind: "oneof" });
    }
  }

  #place({ name }: { readonly name: NameNode }, message: MessageDescriptor): Placed {
    return { at: name.at, message };
  }

  #declareMapEntry(field: FieldNode, parent: MessageDescriptor): MessageDescriptor {
    const name = mapEntryName(field.name.text);
    const fullName = joinName(parent.fullName, name);
    const message: MessageDescriptor = {
      kind: "message",
      name,
      fullName,
      file: this.#unit.file,
      parent,
      fields: [],
      oneofs: [],
      messages: [],
      enums: [],
      reservedRanges: [],
      reservedNames: [],
      mapEntry: true,
      options: {},
      comments: {},
    };
    this.#declare(fullName, field.name.at, { kind: "message", message });
    this.#unit.mapEntries.set(field, message);
    return message;
  }

  #declareEnum(node: EnumNode, scope: string, parent: MessageDescriptor | undefined): EnumDescriptor {
    const fullName = joinName(scope, node.name.text);
    const descriptor: Draft<EnumDescriptor> = {
      kind: "enum",
      name: node.name.text,
      fullName,
      file: this.#unit.file,
      parent,
      values: [],
      closed: this.#unit.parsed.syntax === "proto2",
      reservedRanges: node.reservedRanges.map(toRange),
      reservedNames: node.reservedNames.map(({ text }) => text),
      options: {},
      comments: node.comments,
    };
    this.#declare(fullName, node.name.at, { kind: "enum", enum: descriptor });
    this.#unit.enums.push({ node, enum: descriptor });
    this.#unit.options.push({ nodes: node.options, target: "ENUM", owner: descriptor, scope });
    descriptor.values = node.values.map(({ name, number, options, comments }) => {
      this.#declare(joinName(scope, name.text), name.at, { kind: "enum-value" });
      const value = { kind: "enum-value" as const, name: name.text, number: number.value, options: {}, comments };
      this.#unit.options.push({ nodes: options, target: "ENUM_ENTRY", owner: value, scope });
      return value;
    });
    return descriptor;
  }

  #declareService(node: ServiceNode, scope: string): ServiceDescriptor {
    const fullName = joinName(scope, node.name.text);
    const service: Draft<ServiceDescriptor> = {
      kind: "service",
      name: node.name.text,
      fullName,
      file: this.#unit.file,
      methods: [],
      options: {},
      comments: node.comments,
    };
    this.#declare(fullName, node.name.at, { kind: "service" });
    for (const { name } of node.methods) this.#declare(joinName(fullName, name.text), name.at, { kind: "method" });
    this.#unit.services.push({ node, service });
    this.#unit.options.push({ nodes: node.options, target: "SERVICE", owner: service, scope });
    return service;
  }

  /** Its groups are declared beside the block. */
  #declareExtend(node: ExtendNode, scope: string, parent: Draft<MessageDescriptor> | undefined): Placed[] {
    const groups: Placed[] = [];
    for (const { name, group } of node.fields) {
      this.#declare(joinName(scope, name.text), name.at, { kind: "extension", extension: undefined });
      if (group !== undefined) groups.push(this.#place(group, this.#declareMessage(group, scope, parent)));
    }
    this.#unit.extends.push({ node, scope, parent });
    return groups;
  }
}

function toRange({ from, to }: RangeNode): readonly [number, number] {
  return [from, to];
}
