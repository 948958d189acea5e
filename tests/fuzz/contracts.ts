// Fuzz support: the contracts whose messages are fuzzed, of proto3, proto2 and edition 2023: types of generated code, types made
// of descriptors, and protobuf-es's, which may differ.
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createFileRegistry, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Extension, encodeFileDescriptorSet, type MessageType, TypeRegistry } from "farcall/marshal";
import { delimitedProto, featuresProto } from "../support/marshal/feature-protos.ts";
import { generateAndCompile, link } from "../support/marshal/generate.ts";
import { kindsProto } from "../support/marshal/kinds.ts";

const sources = { "kinds.proto": kindsProto, "old.proto": featuresProto, "late.proto": delimitedProto };
const out = fileURLToPath(new URL("../../../build/generated/fuzz/out/", import.meta.url));
const files = link(sources);

/** One message type, made in each way. */
export interface Contract {
  readonly typeName: string;
  readonly ways: readonly MessageType<object>[];
  readonly es: DescMessage;
}

/**
 * The types of these names. Generated code is made anew, except within the fuzzer, where no compiler can be started: there it
 * must have been made before.
 */
export async function loadContracts(typeNames: readonly string[]): Promise<Contract[]> {
  const isFuzzing = "JazzerJS" in globalThis && existsSync(out);
  if (!isFuzzing) {
    const { complaints } = generateAndCompile("fuzz", sources);
    if (complaints !== "") throw new Error(complaints);
  }
  const paths = Object.keys(sources).map((path) => `${out}${path.replace(".proto", ".js")}`);
  const modules = await Promise.all(paths.map((path) => import(pathToFileURL(path).href)));
  const exported = modules.flatMap((module) => Object.values(module) as { readonly kind?: string }[]);
  const generated = new TypeRegistry()
    .addTypes(exported.filter(({ kind }) => kind === "message") as MessageType[])
    .addExtensions(exported.filter(({ kind }) => kind === "extension") as Extension[]);
  const described = new TypeRegistry().addFiles(files);
  const es = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeFileDescriptorSet(files)));
  return typeNames.map((typeName) => ({
    typeName,
    ways: [generated, described].map((registry) => registry.findMessage(typeName) as MessageType<object>),
    es: es.getMessage(typeName) as DescMessage,
  }));
}
