// IDL layer, linker, second step: fields, extensions and methods get the types that they name.
import type {
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  MessageDescriptor,
  MethodDescriptor,
  OneofDescriptor,
  ScalarType,
} from "../descriptor.ts";
import { defaultJsonName, joinName, LocalNames } from "../names.ts";
import type { FieldNode, NameNode, OneofNode } from "../syntax-tree.ts";
import { scalarTypes } from "./scalar-types.ts";
import type { Scope } from "./scope.ts";
import type { Draft, ExtendWork, MessageWork, ServiceWork, Unit } from "./unit.ts";

/** What follows from options and features, which are read later. */
const traitsToCome = { presence: "implicit", packed: false } as const;

/** Resolves the types of `unit`; all files that it imports must be declared. */
export function resolveUnit(unit: Unit, names: Scope): void {
  new Resolver(unit, names).run();
}

class Resolver {
  readonly #unit: Unit;
  readonly #names: Scope;

  constructor(unit: Unit, names: Scope) {
    this.#unit = unit;
    this.#names = names;
  }

  run(): void {
    for (const work of this.#unit.messages) this.#fillMessage(work);
    for (const work of this.#unit.extends) this.#addExtensions(work);
    for (const work of this.#unit.services) this.#fillService(work);
  }

  #fillMessage({ node, message }: MessageWork): void {
    const localNames = new LocalNames();
    const members = new Map<OneofNode, FieldDescriptor[]>();
    const oneofs = new Map<OneofNode, OneofDescriptor>();
    const fields: FieldDescriptor[] = [];
    for (const fieldNode of node.fields) {
      const oneof =
        fieldNode.oneof === undefined ? undefined : this.#oneof(fieldNode.oneof, message, { oneofs, members });
      const field = this.#field(fieldNode, message, oneof);
      if (field === undefined) continue;
      fields.push(field);
      if (fieldNode.oneof !== undefined) members.get(fieldNode.oneof)?.push(field);
    }
    message.fields = fields;
    message.oneofs = [...oneofs.values()];
    // Members are properties of their oneof's value, not of the message, but a `$` less is not worth two rules.
    for (const field of fields as Draft<FieldDescriptor>[]) field.localName = localNames.ofField(field.name);
    for (const oneof of oneofs.values() as Iterable<Draft<OneofDescriptor>>) {
      oneof.localName = localNames.ofField(oneof.name);
    }
  }

  #oneof(
    node: OneofNode,
    message: MessageDescriptor,
    { oneofs, members }: { oneofs: Map<OneofNode, OneofDescriptor>; members: Map<OneofNode, FieldDescriptor[]> },
  ): OneofDescriptor {
    const known = oneofs.get(node);
    if (known !== undefined) return known;
    const fields: FieldDescriptor[] = [];
    const oneof: OneofDescriptor = {
      kind: "oneof",
      name: node.name.text,
      localName: "",
      message,
      fields,
      options: {},
      comments: node.comments,
    };
    this.#unit.options.push({ nodes: node.options, target: "ONEOF", owner: oneof, scope: message.fullName });
    oneofs.set(node, oneof);
    members.set(node, fields);
    return oneof;
  }

  #field(node: FieldNode, message: MessageDescriptor, oneof: OneofDescriptor | undefined): FieldDescriptor | undefined {
    const type = this.#type(node.type, message.fullName);
    const mapKey = node.mapKey === undefined ? undefined : this.#mapKey(node.mapKey);
    if (type === undefined || (node.mapKey !== undefined && mapKey === undefined)) return undefined;
    const field: Draft<FieldDescriptor> = {
      kind: "field",
      name: node.name.text,
      localName: "",
      jsonName: defaultJsonName(node.name.text),
      number: node.number.value,
      message,
      type,
      cardinality: mapKey !== undefined ? "map" : node.label === "repeated" ? "repeated" : "singular",
      mapKey,
      ...traitsToCome,
      delimited: node.group !== undefined,
      ...(node.label === "required" ? { required: true as const } : {}),
      ...(node.label === "optional" && this.#unit.parsed.syntax === "proto3" ? { optional: true as const } : {}),
      oneof,
      options: {},
      comments: node.comments,
    };
    const entry = this.#unit.mapEntries.get(node);
    if (entry !== undefined && mapKey !== undefined) entry.fields = entryFields(entry, mapKey, type);
    this.#unit.fields.push({ node, field });
    return field;
  }

  #mapKey(written: NameNode): ScalarType | undefined {
    const { text, at } = written;
    const good = scalarTypes.has(text) && text !== "double" && text !== "float" && text !== "bytes";
    if (good) return text as ScalarType;
    this.#unit.report(at, {
      code: "bad-map",
      sentence: `a map's keys cannot be of type "${text}"`,
      found: text,
      expected: "an integer type, bool or string",
    });
    return undefined;
  }

  #type(written: NameNode, scope: string): FieldType | undefined {
    if (scalarTypes.has(written.text)) return { kind: "scalar", scalar: written.text as ScalarType };
    const name = this.#names.findType(written, this.#unit, { scope, typesOnly: true });
    if (name === undefined) return undefined;
    const { declared } = name;
    if (declared.kind === "message" && declared.message.mapEntry) {
      this.#unit.report(written.at, {
        code: "wrong-kind",
        sentence: `"${written.text}" is the entry of a map field, which is not a type to use`,
        found: written.text,
      });
      return undefined;
    }
    if (declared.kind === "message") return { kind: "message", message: declared.message };
    return declared.kind === "enum" ? { kind: "enum", enum: declared.enum } : undefined;
  }

  #addExtensions({ node, parent, scope }: ExtendWork): void {
    const found = this.#names.findMessage(node.extendee, this.#unit, { scope, what: "what is extended" });
    if (found?.declared.kind !== "message") return;
    const extendee = found.declared.message;
    const extensions: ExtensionDescriptor[] = [];
    for (const fieldNode of node.fields) {
      const type = this.#type(fieldNode.type, scope);
      if (type === undefined) continue;
      const extension: Draft<ExtensionDescriptor> = {
        kind: "extension",
        name: fieldNode.name.text,
        fullName: joinName(scope, fieldNode.name.text),
        file: this.#unit.file,
        parent,
        extendee,
        number: fieldNode.number.value,
        jsonName: defaultJsonName(fieldNode.name.text),
        type,
        cardinality: fieldNode.label === "repeated" ? "repeated" : "singular",
        ...traitsToCome,
        ...(fieldNode.label === "optional" && this.#unit.parsed.syntax === "proto3" ? { optional: true as const } : {}),
        delimited: fieldNode.group !== undefined,
        options: {},
        comments: fieldNode.comments,
      };
      this.#unit.extensions.push({ node: fieldNode, extension });
      extensions.push(extension);
      const own = this.#names.lookup(`.${extension.fullName}`, this.#unit, { scope: "", typesOnly: false });
      if (own.kind === "found" && own.name.declared.kind === "extension") own.name.declared.extension = extension;
    }
    const around = parent ?? this.#unit.file;
    around.extensions = [...(around.extensions ?? []), ...extensions];
  }

  #fillService({ node, service }: ServiceWork): void {
    const localNames = new LocalNames();
    const methods: MethodDescriptor[] = [];
    for (const method of node.methods) {
      const scope = service.fullName;
      const input = this.#names.findMessage(method.input, this.#unit, { scope, what: "a method's input" });
      const output = this.#names.findMessage(method.output, this.#unit, { scope, what: "a method's output" });
      if (input?.declared.kind !== "message" || output?.declared.kind !== "message") continue;
      const descriptor: MethodDescriptor = {
        kind: "method",
        name: method.name.text,
        localName: localNames.ofMethod(method.name.text),
        service,
        input: input.declared.message,
        output: output.declared.message,
        clientStreaming: method.clientStreaming,
        serverStreaming: method.serverStreaming,
        ...(method.braced ? { braced: true as const } : {}),
        options: {},
        comments: method.comments,
      };
      this.#unit.options.push({ nodes: method.options, target: "METHOD", owner: descriptor, scope });
      methods.push(descriptor);
    }
    service.methods = methods;
  }
}

/** A map on the wire is a repeated message of these two fields. */
function entryFields(entry: MessageDescriptor, key: ScalarType, value: FieldType): readonly FieldDescriptor[] {
  const side = (name: string, number: number, type: FieldType): FieldDescriptor => ({
    kind: "field",
    name,
    localName: name,
    jsonName: name,
    number,
    message: entry,
    type,
    cardinality: "singular",
    mapKey: undefined,
    presence: type.kind === "message" ? "explicit" : "implicit",
    delimited: false,
    packed: false,
    oneof: undefined,
    options: {},
    comments: {},
  });
  return [side("key", 1, { kind: "scalar", scalar: key }), side("value", 2, value)];
}
