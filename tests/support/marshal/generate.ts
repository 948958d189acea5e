// Generates modules from .proto texts, compiles them under the strictest settings, and imports what came out.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type FileDescriptor, type GenerateOptions, generateFiles, linkFiles } from "farcall/idl";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Links .proto texts by path; throws what is wrong with them. */
export function link(sources: Readonly<Record<string, string>>): readonly FileDescriptor[] {
  const { files, errors } = linkFiles(Object.keys(sources), (path) => sources[path]);
  if (errors.length > 0) throw new Error(errors.map((error) => error.format()).join("\n"));
  return files;
}

/** A folder of generated modules, compiled. */
export interface GeneratedFolder {
  /** What the compiler had to say; empty when all is well. */
  readonly complaints: string;
  /** The compiled text of the module of a .proto. */
  text(protoPath: string): string;
  /** Imports the module of a .proto. */
  load(protoPath: string): Promise<Readonly<Record<string, unknown>>>;
}

/**
 * Generates and compiles `sources` in `build/generated/<name>`, with `programs` beside them: TypeScript files that use the
 * modules.
 */
export function generateAndCompile(
  name: string,
  sources: Readonly<Record<string, string>>,
  programs: Readonly<Record<string, string>> = {},
  options: GenerateOptions = {},
): GeneratedFolder {
  const folder = join(root, "build/generated", name);
  rmSync(folder, { recursive: true, force: true });
  const texts = generateFiles(link(sources), options);
  for (const { path, text } of [...texts, ...Object.entries(programs).map(([path, text]) => ({ path, text }))]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const compilerOptions = { rootDir: ".", outDir: "out", lib: ["es2023"], types: [], noEmit: false };
  const project = {
    extends: "../../../tsconfig.json",
    compilerOptions,
    include: ["**/*.ts"],
    exclude: ["out"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
  const compiled = (protoPath: string): string => join(folder, "out", protoPath.replace(/\.proto$/, ".js"));
  return {
    complaints: run.stdout,
    text: (protoPath) => readFileSync(compiled(protoPath), "utf8"),
    load: (protoPath) => import(pathToFileURL(compiled(protoPath)).href),
  };
}
