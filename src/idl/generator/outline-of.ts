// IDL layer, generator: the short form of a file's descriptors, to be carried by generated code. Comments are left out.
import type {
  EnumDescriptor,
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
  EnumOutline,
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

/** What a file says of itself. */
export function outlineHeader(file: FileDescriptor): FileHeader {
  const indices = (some: readonly FileDescriptor[] | undefined) =>
    (some ?? []).map((one) => file.dependencies.indexOf(one));
  return {
    name: file.name,
    ...(file.package === "" ? {} : { package: file.package }),
    ...(file.syntax === "proto3" ? {} : { syntax: file.syntax }),
    ...listed("publicDependencies", indices(file.publicDependencies)),
    ...listed("weakDependencies", indices(file.weakDependencies)),
    ...withOptions(file.options),
  };
}

/** The outline from which `describeFile` makes equal descriptors, comments apart. */
export function outlineFile(file: FileDescriptor): FileOutline {
  return {
    ...outlineHeader(file),
    ...listed("messages", file.messages.map(outlineMessage)),
    ...listed("enums", file.enums.map(outlineEnum)),
    ...outlineOthers(file),
  };
}

/** What a file declares besides messages and enums. */
export function outlineOthers(file: FileDescriptor): Pick<FileContent, "services" | "extensions"> {
  return {
    ...listed("services", file.services.map(outlineService)),
    ...listed("extensions", (file.extensions ?? []).map(outlineExtension)),
  };
}

/** The property, unless the list is empty. */
function listed<Name extends string, Item>(
  name: Name,
  list: readonly Item[],
): { readonly [name in Name]?: readonly Item[] } {
  return list.length === 0 ? {} : ({ [name]: list } as { readonly [name in Name]?: readonly Item[] });
}

function withOptions(options: Options): { readonly options?: Options } {
  return Object.keys(options).length === 0 ? {} : { options };
}

/** The outline from which equal descriptors are made, comments apart. */
export function outlineMessage(message: MessageDescriptor): MessageOutline {
  const oneofs = message.oneofs.filter(({ options }) => Object.keys(options).length > 0);
  return {
    name: message.name,
    ...listed("fields", message.fields.map(outlineField)),
    ...listed(
      "oneofs",
      oneofs.map(({ name, options }) => ({ name, options })),
    ),
    ...listed("messages", message.messages.filter((one) => !one.mapEntry).map(outlineMessage)),
    ...placesOfEntries(message.messages),
    ...listed("enums", message.enums.map(outlineEnum)),
    ...outlineReserved(message),
    ...listed("extensionRanges", message.extensionRanges ?? []),
    ...listed("extensions", (message.extensions ?? []).map(outlineExtension)),
    ...withOptions(message.options),
  };
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

function outlineField(field: FieldDescriptor): FieldOutline {
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
    ...withOptions(field.options),
  };
}

function outlineExtension(extension: ExtensionDescriptor): ExtensionOutline {
  const { name, number, type, cardinality, extendee, options } = extension;
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
    ...withOptions(options),
  };
}

/** The same of an enum. */
export function outlineEnum(descriptor: EnumDescriptor): EnumOutline {
  return {
    name: descriptor.name,
    values: descriptor.values.map(({ name, number, options }) =>
      Object.keys(options).length === 0 ? [name, number] : [name, number, options],
    ),
    ...outlineReserved(descriptor),
    ...withOptions(descriptor.options),
  };
}

function outlineService(service: ServiceDescriptor): ServiceOutline {
  return { name: service.name, methods: service.methods.map(outlineMethod), ...withOptions(service.options) };
}

function outlineMethod(method: MethodDescriptor): MethodOutline {
  return {
    name: method.name,
    input: `.${method.input.fullName}`,
    output: `.${method.output.fullName}`,
    ...(method.clientStreaming ? { clientStreaming: true } : {}),
    ...(method.serverStreaming ? { serverStreaming: true } : {}),
    ...(method.braced === true ? { braced: true } : {}),
    ...withOptions(method.options),
  };
}
