// Benchmark, size: what one method of a large contract adds to a browser's bundle, beside the runtime it stands on. The peer
// is protobuf-es, with its module as protoc-gen-es writes it, and connect-es's client, which calls by services.
import { fromBinary } from "@bufbuild/protobuf";
import { embedFileDesc } from "@bufbuild/protobuf/codegenv2";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type FileDescriptor, generateFiles, linkFiles } from "farcall/idl";
import { encodeFileDescriptorSet } from "farcall/marshal";
import type { Bench, BenchResult } from "../support/options.ts";
import { formatCount, formatTable } from "../support/table.ts";
import { type BundleSize, bundle, type ContractModule } from "./bundle.ts";
import { contractText, methodCount, methodName } from "./contract.ts";

/** What one method may add, gzipped. */
export const maxMethodBytes = 6 * 1024;

/** One way to use the contract, and what it adds to the bundle of its runtime. */
interface Use {
  readonly what: string;
  readonly whole: BundleSize;
  readonly addedBytes: number;
  readonly addedGzipped: number;
}

/** Sizes of a runtime and of what stands on it. */
export interface SizeReport {
  readonly runtime: string;
  readonly alone: BundleSize;
  readonly uses: readonly Use[];
}

function contract(): FileDescriptor {
  const { files, errors } = linkFiles(["logistics.proto"], () => contractText());
  const [file] = files;
  if (file === undefined) throw new Error(errors.map((error) => error.format()).join("\n"));
  return file;
}

async function measure(
  runtime: string,
  base: string,
  module: ContractModule,
  uses: Readonly<Record<string, string>>,
): Promise<SizeReport> {
  const alone = await bundle(base, module);
  const measured: Use[] = [];
  for (const [what, program] of Object.entries(uses)) {
    const whole = await bundle(`${base}\n${program}`, module);
    const [addedBytes, addedGzipped] = [whole.bytes - alone.bytes, whole.gzipped - alone.gzipped];
    measured.push({ what, whole, addedBytes, addedGzipped });
  }
  return { runtime, alone, uses: measured };
}

/** Farcall's: the whole client, from sockets handed in up to calls. */
export function measureFarcall(): Promise<SizeReport> {
  const [generated] = generateFiles([contract()]);
  const local = methodName(3).replace(/^./, (letter) => letter.toLowerCase());
  const one = `Logistics_${local}`;
  const base = 'import { createRuntime } from "farcall/runtime"; globalThis.run = createRuntime;';
  return measure(
    "farcall/runtime",
    base,
    { text: generated?.text ?? "", loader: "ts" },
    {
      "1 method, channel.call": `import { ${one} } from "contract"; globalThis.use = (channel) => channel.call(${one}, {});`,
      "1 method and its JSON": `import { ${one} } from "contract"; globalThis.use = (value) => ${one}.output.toJson(value);`,
      [`${methodCount} methods, channel.stub`]: `import { Logistics } from "contract"; globalThis.use = (channel) => channel.stub(Logistics);`,
    },
  );
}

/** The peers': connect-es's client without a transport, and protobuf-es. */
export function measureEs(): Promise<SizeReport> {
  const set = fromBinary(FileDescriptorSetSchema, encodeFileDescriptorSet([contract()]));
  const [proto] = set.file;
  if (proto === undefined) throw new Error("the descriptor set is empty");
  const schemas = proto.messageType.map(
    ({ name }, index) => `export const ${name}Schema = /*@__PURE__*/ messageDesc(file, ${index});`,
  );
  const text = `import { fileDesc, messageDesc, serviceDesc } from "@bufbuild/protobuf/codegenv2";
export const file = /*@__PURE__*/ fileDesc(${JSON.stringify(embedFileDesc(proto).base64())});
${schemas.join("\n")}
export const Logistics = /*@__PURE__*/ serviceDesc(file, 0);`;
  const request = `${methodName(3)}RequestSchema`;
  const base = `import { create, fromBinary, toBinary } from "@bufbuild/protobuf"; import { createClient } from "@connectrpc/connect";
import { fileDesc, messageDesc, serviceDesc } from "@bufbuild/protobuf/codegenv2";
globalThis.run = [create, fromBinary, toBinary, createClient, fileDesc, messageDesc, serviceDesc];`;
  return measure(
    "connect-es, protobuf-es",
    base,
    { text, loader: "js" },
    {
      "1 message, toBinary": `import { ${request} } from "contract"; globalThis.use = (value) => toBinary(${request}, value);`,
      [`${methodCount} methods, createClient`]: `import { Logistics } from "contract"; globalThis.use = (transport) => createClient(Logistics, transport);`,
    },
  );
}

function rowsOf({ runtime, alone, uses }: SizeReport): string[][] {
  return [
    [runtime, "alone", formatCount(alone.bytes), formatCount(alone.gzipped)],
    ...uses.map(({ what, addedBytes, addedGzipped }) => [
      "",
      `+ ${what}`,
      formatCount(addedBytes),
      formatCount(addedGzipped),
    ]),
  ];
}

async function run(): Promise<BenchResult> {
  const reports = [await measureFarcall(), await measureEs()];
  const data = reports.map(({ runtime, alone, uses }) => ({
    runtime,
    bytes: alone.bytes,
    gzipped: alone.gzipped,
    uses: uses.map(({ what, addedBytes, addedGzipped }) => ({ what, addedBytes, addedGzipped })),
  }));
  const table = formatTable([["runtime", "", "bytes", "gzipped"], ...reports.flatMap(rowsOf)]);
  return {
    name: "size",
    text: `browser bundles by esbuild, minified: a contract of ${methodCount} methods\n${table}`,
    data,
    goals: [],
  };
}

export const size: Bench = {
  name: "size",
  about: "what one method of a large contract adds to a browser's bundle",
  run,
};
