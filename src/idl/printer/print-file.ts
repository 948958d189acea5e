// IDL layer, printer: a file's descriptors as a `.proto` text. It goes through no syntax tree: the text is made from what
// the descriptors say, so files that were built in TypeScript can be printed as well.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  Options,
  ServiceDescriptor,
} from "../descriptor.ts";
import { defaultJsonName } from "../names.ts";
import { maxEnumNumber, maxFieldNumber } from "../parser/range.ts";
import { Lines } from "./lines.ts";
import { formatOptions, quoteText } from "./print-option.ts";
import { type Place, References } from "./references.ts";

/**
 * A `.proto` text that parses and links to equal descriptors, given the same dependencies. What descriptors do not say
 * is not in it: the order of messages among enums, comments inside statements, `optional` before a message field.
 */
export function printFile(file: FileDescriptor): string {
  return new FilePrinter(file).print();
}

/**
 * One declaration as a `.proto` text, as it stands in its file: names of the file's own package are written without it.
 * A service may be given with some of its methods only.
 */
export function printDeclaration(declaration: MessageDescriptor | EnumDescriptor | ServiceDescriptor): string {
  return new FilePrinter(declaration.file).printDeclaration(declaration);
}

class FilePrinter {
  readonly #file: FileDescriptor;
  readonly #lines = new Lines();
  readonly #references: References;

  constructor(file: FileDescriptor) {
    this.#file = file;
    this.#references = new References(file);
  }

  print(): string {
    const file = this.#file;
    const lines = this.#lines;
    lines.declare(`syntax = "${file.syntax}";`, file.comments);
    lines.add("");
    if (file.package !== "") lines.add(`package ${file.package};`);
    lines.add("");
    for (const dependency of file.dependencies)
      lines.add(`import ${this.#importKind(dependency)}${quoteText(dependency.name)};`);
    lines.add("");
    this.#optionStatements(file.options, file);
    lines.add("");
    this.#extensions(file.extensions ?? [], file);
    for (const descriptor of file.enums) this.#enum(descriptor, file);
    for (const message of file.messages) this.#message(message);
    for (const service of file.services) this.#service(service);
    return lines.toString();
  }

  printDeclaration(declaration: MessageDescriptor | EnumDescriptor | ServiceDescriptor): string {
    if (declaration.kind === "message") this.#message(declaration);
    else if (declaration.kind === "service") this.#service(declaration);
    else this.#enum(declaration, declaration.parent ?? this.#file);
    return this.#lines.toString();
  }

  #importKind(dependency: FileDescriptor): string {
    if (this.#file.publicDependencies.includes(dependency)) return "public ";
    return this.#file.weakDependencies?.includes(dependency) ? "weak " : "";
  }

  #optionStatements(options: Options, place: Place): void {
    for (const option of formatOptions(options, place, this.#references)) this.#lines.add(`option ${option};`);
  }

  /** `[a = b]` with a blank in front, or nothing. */
  #optionList(options: Options, place: Place, jsonName?: string): string {
    const all = [
      ...(jsonName === undefined ? [] : [`json_name = ${quoteText(jsonName)}`]),
      ...formatOptions(options, place, this.#references),
    ];
    return all.length === 0 ? "" : ` [${all.join(", ")}]`;
  }

  #message(message: MessageDescriptor): void {
    this.#lines.declare(`message ${message.name} {`, message.comments);
    this.#lines.inside(() => this.#members(message));
    this.#lines.add("}");
    this.#lines.add("");
  }

  #members(message: MessageDescriptor): void {
    this.#optionStatements(message.options, message);
    this.#reserved(message, maxFieldNumber);
    for (const { from, to, options } of message.extensionRanges ?? []) {
      const range = formatRange([from, to], maxFieldNumber);
      this.#lines.add(`extensions ${range}${this.#optionList(options, message)};`);
    }
    for (const descriptor of message.enums) this.#enum(descriptor, message);
    for (const nested of message.messages) if (!nested.mapEntry) this.#message(nested);
    this.#extensions(message.extensions ?? [], message);
    for (const field of message.fields) {
      const { oneof } = field;
      if (oneof === undefined) this.#field(field);
      else if (oneof.fields[0] === field) {
        this.#lines.declare(`oneof ${oneof.name} {`, oneof.comments);
        this.#lines.inside(() => {
          this.#optionStatements(oneof.options, message);
          for (const member of oneof.fields) this.#field(member);
        });
        this.#lines.add("}");
      }
    }
  }

  #field(field: FieldDescriptor): void {
    const { name, message, number, comments, mapKey, options } = field;
    const type = this.#type(field, message);
    const whole = mapKey === undefined ? `${this.#label(field)}${type}` : `map<${mapKey}, ${type}>`;
    const jsonName = field.jsonName === defaultJsonName(name) ? undefined : field.jsonName;
    this.#lines.declare(`${whole} ${name} = ${number}${this.#optionList(options, message, jsonName)};`, comments);
  }

  #label({ cardinality, presence, required, oneof, type }: FieldDescriptor): string {
    if (cardinality === "repeated") return "repeated ";
    if (oneof !== undefined) return "";
    if (this.#file.syntax === "proto2") return required === true ? "required " : "optional ";
    return presence === "explicit" && type.kind !== "message" ? "optional " : "";
  }

  #type({ type }: Pick<FieldDescriptor, "type">, place: Place): string {
    if (type.kind === "scalar") return type.scalar;
    return this.#references.write(type.kind === "enum" ? type.enum.fullName : type.message.fullName, place);
  }

  /** One block for each run of extensions of the same message. */
  #extensions(extensions: readonly ExtensionDescriptor[], place: Place): void {
    for (let index = 0; index < extensions.length; ) {
      const { extendee } = extensions[index] as ExtensionDescriptor;
      const end = extensions.findIndex((other, at) => at > index && other.extendee !== extendee);
      const run = extensions.slice(index, end < 0 ? undefined : end);
      index += run.length;
      this.#lines.add(`extend ${this.#references.write(extendee.fullName, place)} {`);
      this.#lines.inside(() => {
        for (const extension of run) this.#extension(extension, place);
      });
      this.#lines.add("}");
      this.#lines.add("");
    }
  }

  #extension(extension: ExtensionDescriptor, place: Place): void {
    const { cardinality, name, number, options, comments } = extension;
    const label = cardinality === "repeated" ? "repeated " : this.#file.syntax === "proto2" ? "optional " : "";
    const type = this.#type(extension, place);
    this.#lines.declare(`${label}${type} ${name} = ${number}${this.#optionList(options, place)};`, comments);
  }

  #enum(descriptor: EnumDescriptor, place: Place): void {
    this.#lines.declare(`enum ${descriptor.name} {`, descriptor.comments);
    this.#lines.inside(() => {
      this.#optionStatements(descriptor.options, place);
      this.#reserved(descriptor, maxEnumNumber);
      for (const { name, number, options, comments } of descriptor.values) {
        this.#lines.declare(`${name} = ${number}${this.#optionList(options, place)};`, comments);
      }
    });
    this.#lines.add("}");
    this.#lines.add("");
  }

  #reserved({ reservedRanges, reservedNames }: MessageDescriptor | EnumDescriptor, max: number): void {
    if (reservedRanges.length > 0) {
      this.#lines.add(`reserved ${reservedRanges.map((range) => formatRange(range, max)).join(", ")};`);
    }
    if (reservedNames.length > 0) this.#lines.add(`reserved ${reservedNames.map(quoteText).join(", ")};`);
  }

  #service(service: ServiceDescriptor): void {
    this.#lines.declare(`service ${service.name} {`, service.comments);
    this.#lines.inside(() => {
      this.#optionStatements(service.options, service);
      for (const method of service.methods) this.#method(method);
    });
    this.#lines.add("}");
    this.#lines.add("");
  }

  #method(method: MethodDescriptor): void {
    const { name, service, input, output, clientStreaming, serverStreaming, options, comments } = method;
    const side = (message: MessageDescriptor, streaming: boolean) =>
      `(${streaming ? "stream " : ""}${this.#references.write(message.fullName, service)})`;
    const line = `rpc ${name}${side(input, clientStreaming)} returns ${side(output, serverStreaming)}`;
    if (Object.keys(options).length === 0) {
      this.#lines.declare(`${line};`, comments);
      return;
    }
    this.#lines.declare(`${line} {`, comments);
    this.#lines.inside(() => this.#optionStatements(options, service));
    this.#lines.add("}");
  }
}

function formatRange([from, to]: readonly [number, number], max: number): string {
  const last = to - 1;
  return last === from ? String(from) : `${from} to ${last === max ? "max" : last}`;
}
