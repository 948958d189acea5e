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
import { defaultJsonName, mapEntryName } from "../names.ts";
import { maxEnumNumber, maxFieldNumber } from "../parser/range.ts";
import { Lines } from "./lines.ts";
import { formatOptionList, formatOptions, quoteText } from "./print-option.ts";
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
    lines.declare(file.syntax === "editions" ? 'edition = "2023";' : `syntax = "${file.syntax}";`, file.comments);
    lines.add("");
    if (file.package !== "") lines.add(`package ${file.package};`);
    lines.add("");
    for (const dependency of file.dependencies)
      lines.add(`import ${this.#importKind(dependency)}${quoteText(dependency.name)};`);
    lines.add("");
    this.#optionStatements(file.options, file);
    lines.add("");
    const extensions = this.#extensionsInSteps(file.extensions ?? [], file);
    for (const descriptor of file.enums) this.#enum(descriptor, file);
    for (const message of file.messages) if (!extensions.upTo(message)) this.#message(message);
    extensions.rest();
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

  /** `[a = b]` with a blank in front, or nothing. `more` stands before the options. */
  #optionList(options: Options, place: Place, more: readonly string[] = []): string {
    return formatOptionList([...more, ...formatOptions(options, place, this.#references)]);
  }

  /** What stands among a field's options and is none. */
  #pseudoOptions(field: FieldDescriptor | ExtensionDescriptor, place: Place): string[] {
    const pseudo: Options = field.default === undefined ? {} : { default: field.default };
    const jsonName = field.jsonName === defaultJsonName(field.name) ? [] : [`json_name = ${quoteText(field.jsonName)}`];
    return [...formatOptions(pseudo, place, this.#references), ...jsonName];
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
      const range = formatRange([from, Math.min(to, maxFieldNumber + 1)], maxFieldNumber);
      this.#lines.add(`extensions ${range}${this.#optionList(options, message)};`);
    }
    for (const descriptor of message.enums) this.#enum(descriptor, message);
    const extensions = this.#extensionsInSteps(message.extensions ?? [], message);
    this.#fieldsAndMessages(message, extensions.upTo);
    extensions.rest();
  }

  /**
   * Fields and messages, each in their order. Entries of maps and groups are declared by their fields, so the fields up
   * to there come before the messages behind them.
   */
  #fieldsAndMessages({ fields, messages }: MessageDescriptor, declares: (message: MessageDescriptor) => boolean): void {
    const byMessage = new Map(fields.flatMap((field) => declaredBy(field, this.#file).map((one) => [one, field])));
    let next = 0;
    const writeUpTo = (last: FieldDescriptor | undefined): void => {
      while (next < fields.length) {
        const field = fields[next] as FieldDescriptor;
        const run = field.oneof?.fields ?? [field];
        this.#fieldOrOneof(field);
        next += run.length;
        if (last !== undefined && run.includes(last)) return;
      }
    };
    for (const message of messages) {
      const field = byMessage.get(message);
      if (field === undefined) {
        if (!declares(message)) this.#message(message);
      } else if (fields.indexOf(field) >= next) writeUpTo(field);
    }
    writeUpTo(undefined);
  }

  #fieldOrOneof(field: FieldDescriptor): void {
    const { oneof, message } = field;
    if (oneof === undefined) return this.#field(field);
    this.#lines.declare(`oneof ${oneof.name} {`, oneof.comments);
    this.#lines.inside(() => {
      this.#optionStatements(oneof.options, message);
      for (const member of oneof.fields) this.#field(member);
    });
    this.#lines.add("}");
  }

  #field(field: FieldDescriptor): void {
    const { name, message, number, comments, mapKey, options } = field;
    const list = this.#optionList(options, message, this.#pseudoOptions(field, message));
    const group = groupOf(field, this.#file);
    if (group !== undefined) return this.#group(`${this.#label(field)}group ${group.name} = ${number}${list}`, group);
    const type = this.#type(field, message);
    const whole = mapKey === undefined ? `${this.#label(field)}${type}` : `map<${mapKey}, ${type}>`;
    this.#lines.declare(`${whole} ${name} = ${number}${list};`, comments);
  }

  #group(head: string, group: MessageDescriptor): void {
    this.#lines.declare(`${head} {`, group.comments);
    this.#lines.inside(() => this.#members(group));
    this.#lines.add("}");
  }

  #label(field: FieldDescriptor | ExtensionDescriptor): string {
    const { cardinality, optional, required } = field;
    if (cardinality === "repeated") return "repeated ";
    if (field.kind === "field" && field.oneof !== undefined) return "";
    if (this.#file.syntax === "proto2") return required === true ? "required " : "optional ";
    return optional === true ? "optional " : "";
  }

  #type({ type }: Pick<FieldDescriptor, "type">, place: Place): string {
    if (type.kind === "scalar") return type.scalar;
    return this.#references.write(type.kind === "enum" ? type.enum.fullName : type.message.fullName, place);
  }

  /**
   * Prints extensions: all at once, or, where some are groups, which declare messages, no further than up to the one that
   * declares a message, when that has its turn.
   */
  #extensionsInSteps(extensions: readonly ExtensionDescriptor[], place: Place) {
    const groups = extensions.map((one) => groupOf(one, this.#file));
    let next = 0;
    const print = (end: number): void => {
      if (end > next) this.#extensions(extensions.slice(next, end), place);
      next = Math.max(next, end);
    };
    if (groups.every((one) => one === undefined)) print(extensions.length);
    return {
      /** True: the message is declared by an extension. */
      upTo: (message: MessageDescriptor): boolean => {
        const at = groups.indexOf(message);
        print(at + 1);
        return at >= 0;
      },
      rest: () => print(extensions.length),
    };
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
    const { name, number, options, comments } = extension;
    const label = this.#label(extension);
    const list = this.#optionList(options, place, this.#pseudoOptions(extension, place));
    const group = groupOf(extension, this.#file);
    if (group !== undefined) return this.#group(`${label}group ${group.name} = ${number}${list}`, group);
    this.#lines.declare(`${label}${this.#type(extension, place)} ${name} = ${number}${list};`, comments);
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
    const named = this.#file.syntax === "editions" ? reservedNames : reservedNames.map(quoteText);
    if (named.length > 0) this.#lines.add(`reserved ${named.join(", ")};`);
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
      this.#lines.declare(`${line}${method.braced === true ? " {}" : ";"}`, comments);
      return;
    }
    this.#lines.declare(`${line} {`, comments);
    this.#lines.inside(() => this.#optionStatements(options, service));
    this.#lines.add("}");
  }
}

/** The message that a field of a proto2 file declares by being a group. */
function groupOf(field: FieldDescriptor | ExtensionDescriptor, file: FileDescriptor): MessageDescriptor | undefined {
  return file.syntax === "proto2" && field.delimited && field.type.kind === "message" ? field.type.message : undefined;
}

/** The messages that a field declares: the entry of a map, a group. */
function declaredBy(field: FieldDescriptor, file: FileDescriptor): MessageDescriptor[] {
  const { cardinality, message, name } = field;
  if (cardinality === "map") return message.messages.filter((one) => one.mapEntry && one.name === mapEntryName(name));
  const group = groupOf(field, file);
  return group === undefined ? [] : [group];
}

function formatRange([from, to]: readonly [number, number], max: number): string {
  const last = to - 1;
  return last === from ? String(from) : `${from} to ${last === max ? "max" : last}`;
}
