// Benchmark, marshalling: other toolkits, each as its documentation would have it used for speed.
import { readFileSync } from "node:fs";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { encodeFileDescriptorSet } from "farcall/marshal";
import { PbfReader, PbfWriter } from "pbf";
import protobuf from "protobufjs";
import { echoFile } from "../gen/echo.ts";
import { recordsFile } from "../gen/records.ts";
import { shapesFile } from "../gen/shapes.ts";
import { visitFile } from "../gen/visit.ts";
import { visitLogFile } from "../gen/visit-log.ts";
import { camelCase, type Forms, formOf, snakeCase } from "./forms.ts";
import { compileByPbf, compileByPbjs } from "./peer-code.ts";
import { protoFiles, type Shape } from "./shapes.ts";
import { type Marshaller, marshaller, type Toolkit } from "./toolkit.ts";

const root = new URL("../../../", import.meta.url);

function versionOf(name: string): string {
  const manifest = readFileSync(new URL(`node_modules/${name}/package.json`, root), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What protobuf.js's types have in common, reflected or static. */
interface ProtobufJsType {
  fromObject(value: object): object;
  encode(value: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
}

const numbers: Forms = { name: camelCase, wide: Number };

function prepareProtobufJs(type: ProtobufJsType, { value }: Shape): Marshaller {
  return marshaller(
    { encode: (form: object) => type.encode(form).finish(), decode: (bytes: Uint8Array) => type.decode(bytes) },
    type.fromObject(formOf(value, numbers) as object),
  );
}

/** `bench.Visit` as `Visit`: all types that are raced stand at the top of their file. */
const shortName = (typeName: string): string => typeName.slice(typeName.indexOf(".") + 1);

async function protobufJsStatic(): Promise<Toolkit> {
  const { bench } = (await compileByPbjs()) as { bench: Readonly<Record<string, ProtobufJsType>> };
  return {
    name: "protobuf.js, static",
    version: versionOf("protobufjs"),
    settings: "static code by pbjs, Buffers, Long",
    format: "protobuf",
    prepare: (shape) => prepareProtobufJs(bench[shortName(shape.typeName)] as ProtobufJsType, shape),
  };
}

function protobufJsReflection(): Toolkit {
  const types = new protobuf.Root();
  for (const name of protoFiles) protobuf.parse(readFileSync(new URL(`bench/${name}.proto`, root), "utf8"), types);
  types.resolveAll();
  return {
    name: "protobuf.js, reflection",
    version: versionOf("protobufjs"),
    settings: "types parsed at run time, code made from them",
    format: "protobuf",
    prepare: (shape) => prepareProtobufJs(types.lookupType(shape.typeName), shape),
  };
}

/** Its generated modules are descriptors, read by what it has in common for all types: these are the same, handed in. */
function protobufEs(): Toolkit {
  const files = [echoFile(), recordsFile(), shapesFile(), visitFile(), visitLogFile()];
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeFileDescriptorSet(files)));
  return {
    name: "protobuf-es",
    version: versionOf("@bufbuild/protobuf"),
    settings: "descriptors as its plugin writes them",
    format: "protobuf",
    prepare({ typeName, value }) {
      const type = registry.getMessage(typeName);
      if (type === undefined) throw new Error(`protobuf-es was given no ${typeName}`);
      const message = create(type, formOf(value, { name: camelCase, wide: (wide) => wide }) as never);
      return marshaller(
        {
          encode: (form: typeof message) => toBinary(type, form),
          decode: (bytes: Uint8Array) => fromBinary(type, bytes),
        },
        message,
      );
    },
  };
}

async function pbf(): Promise<Toolkit> {
  const code = await compileByPbf();
  return {
    name: "pbf",
    version: versionOf("pbf"),
    settings: "code by its compiler; 64 bits as number, UTF-8 not checked",
    format: "protobuf",
    prepare({ typeName, value }) {
      const read = code[`read${shortName(typeName)}`] as ((from: PbfReader) => unknown) | undefined;
      const write = code[`write${shortName(typeName)}`] as (value: unknown, into: PbfWriter) => void;
      if (read === undefined) return undefined;
      const encode = (form: unknown): Uint8Array => {
        const into = new PbfWriter();
        write(form, into);
        return into.finish();
      };
      return marshaller(
        { encode, decode: (bytes: Uint8Array) => read(new PbfReader(bytes)) },
        formOf(value, { name: snakeCase, wide: Number }),
      );
    },
  };
}

/** The one property of a value that holds bytes, which JSON has as base64. */
function bytesProperty(value: object): string | undefined {
  return Object.entries(value).find(([, item]) => item instanceof Uint8Array)?.[0];
}

const json: Toolkit = {
  name: "JSON",
  version: process.version,
  settings: "64 bits as number, bytes as base64",
  format: "JSON",
  prepare({ value }) {
    const form = formOf(value, numbers) as Record<string, unknown>;
    const property = bytesProperty(form);
    if (property === undefined) {
      return marshaller(
        { encode: (whole: unknown) => JSON.stringify(whole), decode: (text: string) => JSON.parse(text) },
        form,
      );
    }
    const encode = (whole: Record<string, unknown>): string =>
      JSON.stringify({ ...whole, [property]: Buffer.from(whole[property] as Uint8Array).toString("base64") });
    const decode = (text: string): unknown => {
      const whole = JSON.parse(text) as Record<string, unknown>;
      whole[property] = Buffer.from(whole[property] as string, "base64");
      return whole;
    };
    return marshaller({ encode, decode }, form);
  },
};

/** The other toolkits. Two have compilers of their own, which are run here. */
export async function loadPeers(): Promise<readonly Toolkit[]> {
  return [await protobufJsStatic(), protobufJsReflection(), protobufEs(), await pbf(), json];
}
