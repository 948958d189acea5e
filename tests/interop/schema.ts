// The probe's schema for the peers' own toolkits: probe.proto by protobuf.js, and by protobuf-es through a descriptor set.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";

const treeRoot = new URL("../../..", import.meta.url);

/** The part of google/rpc/status.proto that details travel in. */
const statusProto = `
  syntax = "proto3";
  package google.rpc;
  message Detail { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Detail details = 3; }
`;

/** A `.proto` file of the tree, as protobuf.js reads it; fields keep their names as written, or become camel case. */
export function readProto(path: string, keepCase = true): protobuf.Root {
  const text = readFileSync(fileURLToPath(new URL(path, treeRoot)), "utf8");
  const root = new protobuf.Root();
  protobuf.parse(text, root, { keepCase });
  root.resolveAll();
  return root;
}

/** probe.proto and google.rpc.Status. */
export function probeRoot(keepCase = true): protobuf.Root {
  const root = readProto("tests/interop/probe.proto", keepCase);
  protobuf.parse(statusProto, root, { keepCase: true });
  root.resolveAll();
  return root;
}

/** The same for protobuf-es. */
export function createRegistry(root: protobuf.Root): FileRegistry {
  const bytes = descriptor.FileDescriptorSet.encode(root.toDescriptor("proto3")).finish();
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  for (const file of set.file) {
    // protobuf.js writes type names as the source does, a descriptor set has them in full.
    const inFull = (name: string): string => (name === "" || name.startsWith(".") ? name : `.${file.package}.${name}`);
    for (const message of file.messageType) {
      const nested = new Set(message.nestedType.map(({ name }) => name));
      for (const field of message.field) {
        field.typeName = inFull(nested.has(field.typeName) ? `${message.name}.${field.typeName}` : field.typeName);
      }
    }
    for (const method of file.service.flatMap((service) => service.method)) {
      method.inputType = inFull(method.inputType);
      method.outputType = inFull(method.outputType);
    }
  }
  return createFileRegistry(set);
}
