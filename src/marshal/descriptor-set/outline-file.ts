// Marshal layer, descriptor sets: a file out of `FileDescriptorProto`, as the outline that descriptors are made of.
import type { ExtensionRange } from "../../idl/descriptor.ts";
import type {
  EnumOutline,
  FileOutline,
  MessageOutline,
  MethodOutline,
  ServiceOutline,
} from "../../idl/generator/outline.ts";
import { placesOfEntries } from "../../idl/generator/outline-of.ts";
import { joinName } from "../../idl/names.ts";
import { isMapEntry } from "./map-entry.ts";
import type { DeferOptions } from "./option-bytes.ts";
import { type FieldContext, outlineExtension, outlineFields } from "./outline-field.ts";
import type { EnumProto, ExtensionRangeProto, FileProto, MessageProto, MethodProto, ServiceProto } from "./protos.ts";
import { edition2023 } from "./protos.ts";
import { badDescriptor, checkedName, type TypeIndex } from "./type-index.ts";

/** The outline of a file. Throws a `MarshalError` for what breaks protobuf's rules. */
export function outlineProto(
  proto: FileProto,
  { types, deferOptions }: { readonly types: TypeIndex; readonly deferOptions: DeferOptions },
): FileOutline {
  const name = proto.name ?? "";
  const scope = proto.package ?? "";
  for (const part of scope === "" ? [] : scope.split(".")) checkedName(part, name);
  const syntax = proto.syntax ?? "proto2";
  if (syntax !== "proto2" && syntax !== "proto3" && syntax !== "editions") {
    throw badDescriptor(name, `${JSON.stringify(syntax)} is no syntax`);
  }
  const { edition } = proto;
  if (syntax === "editions" && edition !== edition2023) {
    throw badDescriptor(
      name,
      `the edition ${edition ?? "that it lacks"} is not known here, only 2023 (${edition2023})`,
    );
  }
  const file = new FileOutliner({ syntax, types, deferOptions });
  return {
    name,
    package: scope,
    syntax,
    publicDependencies: proto.publicDependency,
    // Only a file that has some says which they are.
    ...(proto.weakDependency.length === 0 ? {} : { weakDependencies: proto.weakDependency }),
    messages: proto.messageType.map((one) => file.message(one, scope)),
    enums: proto.enumType.map((one) => file.enum(one, scope)),
    services: proto.service.map((one) => file.service(one, scope)),
    ...file.extensions(proto, scope),
    options: deferOptions("FileOptions", proto.options, name),
  };
}

class FileOutliner {
  readonly #context: FieldContext;
  readonly #options: DeferOptions;

  constructor(context: FieldContext) {
    this.#context = context;
    this.#options = context.deferOptions;
  }

  message(proto: MessageProto, scope: string): MessageOutline {
    const name = checkedName(proto.name, scope);
    const fullName = joinName(scope, name);
    return {
      name,
      fields: outlineFields(proto, fullName, this.#context),
      oneofs: proto.oneofDecl
        .filter(({ options }) => options !== undefined)
        .map((one) => {
          const oneofName = checkedName(one.name, fullName);
          return { name: oneofName, options: this.#options("OneofOptions", one.options, `${fullName}.${oneofName}`) };
        }),
      messages: proto.nestedType.filter((one) => !isMapEntry(one)).map((one) => this.message(one, fullName)),
      ...placesOfEntries(proto.nestedType.map((one) => ({ mapEntry: isMapEntry(one) }))),
      enums: proto.enumType.map((one) => this.enum(one, fullName)),
      reservedRanges: proto.reservedRange.map(({ start = 0, end = 0 }) => [start, end]),
      reservedNames: proto.reservedName,
      ...this.#extensionRanges(proto.extensionRange, fullName),
      ...this.extensions(proto, fullName),
      options: this.#options("MessageOptions", proto.options, fullName),
    };
  }

  #extensionRanges(
    ranges: readonly ExtensionRangeProto[],
    owner: string,
  ): { readonly extensionRanges?: readonly ExtensionRange[] } {
    if (ranges.length === 0) return {};
    const extensionRanges = ranges.map(({ start = 0, end = 0, options }) => ({
      from: start,
      to: end,
      options: this.#options("ExtensionRangeOptions", options, owner),
    }));
    return { extensionRanges };
  }

  extensions({ extension }: FileProto | MessageProto, scope: string) {
    const extensions = extension.map((one) => outlineExtension(one, scope, this.#context));
    return extensions.length === 0 ? {} : { extensions };
  }

  enum(proto: EnumProto, scope: string): EnumOutline {
    const name = checkedName(proto.name, scope);
    const fullName = joinName(scope, name);
    if (proto.value.length === 0) throw badDescriptor(fullName, "an enum needs a value");
    return {
      name,
      values: proto.value.map((one) => {
        const valueName = checkedName(one.name, fullName);
        const options = this.#options("EnumValueOptions", one.options, `${fullName}.${valueName}`);
        return [valueName, one.number ?? 0, options];
      }),
      reservedRanges: proto.reservedRange.map(({ start = 0, end = 0 }) => [start, end + 1]),
      reservedNames: proto.reservedName,
      options: this.#options("EnumOptions", proto.options, fullName),
    };
  }

  service(proto: ServiceProto, scope: string): ServiceOutline {
    const name = checkedName(proto.name, scope);
    const fullName = joinName(scope, name);
    const names = new Set<string | undefined>();
    for (const method of proto.method) {
      if (names.has(method.name)) throw badDescriptor(`${fullName}.${method.name}`, "another method has that name");
      names.add(method.name);
    }
    return {
      name,
      methods: proto.method.map((one) => this.#method(one, fullName)),
      options: this.#options("ServiceOptions", proto.options, fullName),
    };
  }

  #method(proto: MethodProto, service: string): MethodOutline {
    const name = checkedName(proto.name, service);
    const subject = `${service}.${name}`;
    const typeOf = (typeName = ""): `.${string}` => {
      const type = this.#context.types.resolve(typeName, service);
      if (type.kind === "message" && type.entry === undefined) return `.${type.fullName}`;
      throw badDescriptor(subject, `${type.fullName} is not a message to send`);
    };
    return {
      name,
      input: typeOf(proto.inputType),
      output: typeOf(proto.outputType),
      ...(proto.clientStreaming === true ? { clientStreaming: true } : {}),
      ...(proto.serverStreaming === true ? { serverStreaming: true } : {}),
      ...(proto.options === undefined ? {} : { braced: true }),
      options: this.#options("MethodOptions", proto.options, subject),
    };
  }
}
