// Benchmark, marshalling: code that other toolkits' own compilers make of our `.proto` files. It is made on first use, in the
// folder of built programs, which a build empties.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { protoFiles } from "./shapes.ts";

const root = new URL("../../../", import.meta.url);
const folder = new URL("./peer-code/", import.meta.url);

const protoPath = (name: string): string => fileURLToPath(new URL(`bench/${name}.proto`, root));

/** Runs a compiler of `node_modules`, which prints a module, and imports that. */
async function compile(module: string, compiler: string, words: readonly string[]): Promise<unknown> {
  const file = new URL(module, folder);
  if (!existsSync(file)) {
    const program = fileURLToPath(new URL(`node_modules/${compiler}`, root));
    const code = execFileSync(process.execPath, [program, ...words], { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 });
    mkdirSync(folder, { recursive: true });
    // Whole or not at all: another process may be about to import it.
    const unfinished = new URL(`${module}.${process.pid}`, folder);
    writeFileSync(unfinished, code);
    renameSync(unfinished, file);
  }
  return import(file.href);
}

/** protobuf.js: one module of static code for all files. */
export async function compileByPbjs(): Promise<unknown> {
  const words = ["--target", "static-module", "--wrap", "esm", ...protoFiles.map(protoPath)];
  return await compile("protobuf-js.js", "protobufjs-cli/bin/pbjs", words);
}

/** pbf: the functions of all files that its compiler can read: it knows no groups. */
export async function compileByPbf(): Promise<Readonly<Record<string, unknown>>> {
  const readable = protoFiles.filter((name) => name !== "visit-log");
  const modules = await Promise.all(
    readable.map((name) => compile(`pbf-${name}.js`, "pbf/bin/pbf", [protoPath(name)])),
  );
  return Object.assign({}, ...modules) as Record<string, unknown>;
}
