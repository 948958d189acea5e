// Marshal layer, descriptor sets: descriptors as the bytes of google/protobuf/descriptor.proto, as `protoc` writes them
// without source info: comments are left out.
import { withDependencies } from "../../idl/dependencies.ts";
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from "../../idl/descriptor.ts";
import { syntheticOneofName } from "../../idl/names.ts";
import { inField } from "../errors.ts";
import { encodeExtension, encodeField, isSyntheticOptional } from "./encode-field.ts";
import { type EncodeOptions, encodeOptions } from "./option-bytes.ts";
import { OptionSchema } from "./option-schema.ts";
import type { EnumProto, FileProto, MessageProto, MethodProto, ProtoInit, ServiceProto } from "./protos.ts";
import { edition2023, FileProtoType, FileSetType } from "./protos.ts";

/**
 * The bytes of a `google.protobuf.FileDescriptorProto`. Comments are left out; options must be declared by the file or by
 * what it imports, at any distance, else a `MarshalError` is thrown.
 */
export function encodeFileDescriptor(file: FileDescriptor): Uint8Array {
  return FileProtoType.encode(new FileEncoder(file, new OptionSchema(withDependencies([file]))).encode());
}

/**
 * The bytes of a `google.protobuf.FileDescriptorSet` of `files` and all that they import, each behind what it imports and
 * of one path only the first. Throws a `MarshalError` as `encodeFileDescriptor` does.
 */
export function encodeFileDescriptorSet(files: readonly FileDescriptor[]): Uint8Array {
  const all = withDependencies(files);
  const schema = new OptionSchema(all);
  const byPath = new Map<string, FileDescriptor>();
  for (const file of all) if (!byPath.has(file.name)) byPath.set(file.name, file);
  return FileSetType.encode({
    file: [...byPath.values()].map((file) => FileProtoType.encode(new FileEncoder(file, schema).encode())),
  });
}

class FileEncoder {
  readonly #file: FileDescriptor;
  readonly #options: EncodeOptions;

  constructor(file: FileDescriptor, schema: OptionSchema) {
    this.#file = file;
    this.#options = (target, options, owner) => {
      if (Object.keys(options).length === 0) return undefined;
      try {
        const bytes = encodeOptions(schema, schema.standard(target), options);
        return bytes.length === 0 ? undefined : bytes;
      } catch (error) {
        throw inField(error, owner);
      }
    };
  }

  encode(): ProtoInit<FileProto> {
    const file = this.#file;
    const { dependencies, weakDependencies = [], extensions = [], syntax } = file;
    return {
      name: file.name,
      package: file.package === "" ? undefined : file.package,
      dependency: dependencies.map(({ name }) => name),
      publicDependency: file.publicDependencies.map((one) => dependencies.indexOf(one)),
      weakDependency: weakDependencies.map((one) => dependencies.indexOf(one)),
      messageType: file.messages.map((one) => this.#message(one)),
      enumType: file.enums.map((one) => this.#enum(one)),
      service: file.services.map((one) => this.#service(one)),
      extension: this.#extensions(extensions),
      options: this.#options("FileOptions", file.options, file.name),
      syntax: syntax === "proto2" ? undefined : syntax,
      edition: syntax === "editions" ? edition2023 : undefined,
    };
  }

  #extensions(extensions: readonly ExtensionDescriptor[]) {
    return extensions.map((one) => encodeExtension(one, this.#options));
  }

  #message(message: MessageDescriptor): ProtoInit<MessageProto> {
    const { name, fullName, fields, oneofs, mapEntry, extensionRanges = [], extensions = [] } = message;
    const synthetic = fields.filter(isSyntheticOptional);
    const taken = new Set([...fields, ...oneofs].map((one) => one.name));
    const oneofNames = [...oneofs, ...synthetic].map((one) =>
      one.kind === "oneof" ? one.name : syntheticOneofName(one.name, taken),
    );
    const options = mapEntry ? { ...message.options, map_entry: true } : message.options;
    return {
      name,
      field: fields.map((field) => {
        const index = field.oneof === undefined ? synthetic.indexOf(field) : oneofs.indexOf(field.oneof);
        const oneofIndex = index < 0 ? undefined : field.oneof === undefined ? oneofs.length + index : index;
        return encodeField(field, { oneofIndex, encodeOptions: this.#options });
      }),
      nestedType: message.messages.map((one) => this.#message(one)),
      enumType: message.enums.map((one) => this.#enum(one)),
      extensionRange: extensionRanges.map(({ from, to, options }) => ({
        start: from,
        end: to,
        options: this.#options("ExtensionRangeOptions", options, fullName),
      })),
      extension: this.#extensions(extensions),
      options: this.#options("MessageOptions", options, fullName),
      oneofDecl: oneofNames.map((oneofName, index) => ({
        name: oneofName,
        options: this.#options("OneofOptions", oneofs[index]?.options ?? {}, `${fullName}.${oneofName}`),
      })),
      reservedRange: message.reservedRanges.map(([start, end]) => ({ start, end })),
      reservedName: message.reservedNames,
    };
  }

  #enum(descriptor: EnumDescriptor): ProtoInit<EnumProto> {
    const { name, fullName, values, options, reservedRanges, reservedNames } = descriptor;
    return {
      name,
      value: values.map((one) => ({
        name: one.name,
        number: one.number,
        options: this.#options("EnumValueOptions", one.options, `${fullName}.${one.name}`),
      })),
      options: this.#options("EnumOptions", options, fullName),
      // The last number of an enum may be the largest there is: its ranges are written with both ends included.
      reservedRange: reservedRanges.map(([start, end]) => ({ start, end: end - 1 })),
      reservedName: reservedNames,
    };
  }

  #service({ name, fullName, methods, options }: ServiceDescriptor): ProtoInit<ServiceProto> {
    return {
      name,
      method: methods.map((one) => this.#method(one)),
      options: this.#options("ServiceOptions", options, fullName),
    };
  }

  #method(method: MethodDescriptor): ProtoInit<MethodProto> {
    const { name, input, output, service, options, braced } = method;
    const none = braced === true ? new Uint8Array(0) : undefined;
    return {
      name,
      inputType: `.${input.fullName}`,
      outputType: `.${output.fullName}`,
      options: this.#options("MethodOptions", options, `${service.fullName}.${name}`) ?? none,
      clientStreaming: method.clientStreaming ? true : undefined,
      serverStreaming: method.serverStreaming ? true : undefined,
    };
  }
}
