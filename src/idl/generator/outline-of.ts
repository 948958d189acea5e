// IDL layer, generator: the short form of a file's descriptors, as generated code carries it and files are joined from.
import type {
  Comments,
  EnumDescriptor,
  EnumValueDescriptor,
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  Options,
  ServiceDescriptor,
} from "../descriptor.ts";
import { fieldTraits } from "../features.ts";
import { defaultJsonName } from "../names.ts";
import type {
  Commented,
  EnumOutline,
  EnumValueOutline,
  ExtensionOutline,
  FieldOutline,
  FileContent,
  FileHeader,
  FileOutline,
  MessageOutline,
  MethodOutline,
  ReservedOutline,
  ServiceOutline,
  TypeOutline,
} from "./outline.ts";

/** Makes outlines, from which `describeFile` makes equal descriptors: their comments too where they are asked for. */
export class Outliner {
  readonly #keepsComments: boolean;

  constructor({ comments }: { readonly comments: boolean }) {
    this.#keepsComments = comments;
  }

  /** What a file says of itself. */
  header(file: FileDescriptor): FileHeader {
    const indices = (some: readonly FileDescriptor[] | undefined) =>
      (some ?? []).map((one) => file.dependencies.indexOf(one));
    return {
      name: file.name,
      ...(file.package === "" ? {} : { package: file.package }),
      ...(file.syntax === "proto3" ? {} : { syntax: file.syntax }),
      ...listed("publicDependencies", indices(file.publicDependencies)),
      ...listed("weakDependencies", indices(file.weakDependencies)),
      ...this.#said(file),
    };
  }

  file(file: FileDescriptor): FileOutline {
    return {
      ...this.header(file),
      ...listed(
        "messages",
        file.messages.map((one) => this.message(one)),
      ),
      ...listed(
        "enums",
        file.enums.map((one) => this.enum(one)),
      ),
      ...this.others(file),
    };
  }

  /** What a file declares besides messages and enums. */
  others(file: FileDescriptor): Pick<FileContent, "services" | "extensions"> {
    return {
      ...listed(
        "services",
        file.services.map((one) => this.#service(one)),
      ),
      ...this.#extensions(file),
    };
  }

  message(message: MessageDescriptor): MessageOutline {
    const oneofs = message.oneofs.map((one) => ({ name: one.name, options: one.options, ...this.#comments(one) }));
    return {
      name: message.name,
      ...listed(
        "fields",
        message.fields.map((one) => this.#field(one)),
      ),
      ...listed(
        "oneofs",
        oneofs.filter((one) => Object.keys(one.options).length > 0 || one.comments !== undefined),
      ),
      ...listed(
        "messages",
        message.messages.filter((one) => !one.mapEntry).map((one) => this.message(one)),
      ),
      ...placesOfEntries(message.messages),
      ...listed(
        "enums",
        message.enums.map((one) => this.enum(one)),
      ),
      ...outlineReserved(message),
      ...listed("extensionRanges", message.extensionRanges ?? []),
      ...this.#extensions(message),
      ...this.#said(message),
    };
  }

  enum(descriptor: EnumDescriptor): EnumOutline {
    return {
      name: descriptor.name,
      values: descriptor.values.map((one) => this.#value(one)),
      ...outlineReserved(descriptor),
      ...this.#said(descriptor),
    };
  }

  #value(value: EnumValueDescriptor): EnumValueOutline {
    const { name, number, options } = value;
    const { comments } = this.#comments(value);
    if (comments !== undefined) return [name, number, options, comments];
    return Object.keys(options).length === 0 ? [name, number] : [name, number, options];
  }

  #field(field: FieldDescriptor): FieldOutline {
    const { name, number, type, cardinality, mapKey, oneof, jsonName } = field;
    const usual = fieldTraits(field, { label: undefined, group: false });
    return {
      name,
      number,
      type: outlineType(type),
      ...(cardinality === "repeated" ? { repeated: true } : {}),
      ...(mapKey === undefined ? {} : { mapKey }),
      ...(field.optional === true ? { optional: true } : {}),
      ...(field.required === true && usual.required === undefined ? { required: true } : {}),
      ...(field.delimited && !usual.delimited ? { group: true } : {}),
      ...(field.packed === usual.packed ? {} : { packed: field.packed }),
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(oneof === undefined ? {} : { oneof: oneof.name }),
      ...(jsonName === defaultJsonName(name) ? {} : { jsonName }),
      ...this.#said(field),
    };
  }

  #extensions({ extensions = [] }: FileDescriptor | MessageDescriptor): Pick<FileContent, "extensions"> {
    return listed(
      "extensions",
      extensions.map((one) => this.#extension(one)),
    );
  }

  #extension(extension: ExtensionDescriptor): ExtensionOutline {
    const { name, number, type, cardinality, extendee } = extension;
    const usual = fieldTraits(extension, { label: undefined, group: false });
    return {
      name,
      number,
      type: outlineType(type),
      extendee: `.${extendee.fullName}`,
      ...(cardinality === "repeated" ? { repeated: true } : {}),
      ...(extension.optional === true ? { optional: true } : {}),
      ...(extension.packed === usual.packed ? {} : { packed: extension.packed }),
      ...(extension.delimited && !usual.delimited ? { group: true } : {}),
      ...(extension.default === undefined ? {} : { default: extension.default }),
      ...this.#said(extension),
    };
  }

  #service(service: ServiceDescriptor): ServiceOutline {
    return { name: service.name, methods: service.methods.map((one) => this.#method(one)), ...this.#said(service) };
  }

  #method(method: MethodDescriptor): MethodOutline {
    return {
      name: method.name,
      input: `.${method.input.fullName}`,
      output: `.${method.output.fullName}`,
      ...(method.clientStreaming ? { clientStreaming: true } : {}),
      ...(method.serverStreaming ? { serverStreaming: true } : {}),
      ...(method.braced === true ? { braced: true } : {}),
      ...this.#said(method),
    };
  }

  #said(declared: { readonly options: Options; readonly comments: Comments }): {
    readonly options?: Options;
    readonly comments?: Comments;
  } {
    const { options } = declared;
    return { ...(Object.keys(options).length === 0 ? {} : { options }), ...this.#comments(declared) };
  }

  #comments({ comments }: { readonly comments: Comments }): Commented {
    return this.#keepsComments && Object.keys(comments).length > 0 ? { comments } : {};
  }
}

/** The property, unless the list is empty. */
function listed<Name extends string, Item>(
  name: Name,
  list: readonly Item[],
): { readonly [name in Name]?: readonly Item[] } {
  return list.length === 0 ? {} : ({ [name]: list } as { readonly [name in Name]?: readonly Item[] });
}

/** `entriesAt` of a message whose types are declared in this order. */
export function placesOfEntries(messages: readonly Pick<MessageDescriptor, "mapEntry">[]): {
  readonly entriesAt?: readonly number[];
} {
  let declared = 0;
  const entriesAt: number[] = [];
  for (const { mapEntry } of messages) {
    if (mapEntry) entriesAt.push(declared);
    else declared++;
  }
  return entriesAt.every((at) => at === declared) ? {} : { entriesAt };
}

function outlineReserved(type: MessageDescriptor | EnumDescriptor): ReservedOutline {
  return { ...listed("reservedRanges", type.reservedRanges), ...listed("reservedNames", type.reservedNames) };
}

function outlineType(type: FieldType): TypeOutline {
  if (type.kind === "scalar") return type.scalar;
  return `.${type.kind === "enum" ? type.enum.fullName : type.message.fullName}`;
}
