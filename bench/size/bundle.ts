// Benchmark, size: how large a browser's bundle of a few lines is: bundled and minified by esbuild, packed by gzip.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Loader } from "esbuild";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A module that is bundled but lies on no disk. */
export interface ContractModule {
  readonly text: string;
  readonly loader: Loader;
}

/** The size of a bundle. */
export interface BundleSize {
  readonly bytes: number;
  readonly gzipped: number;
  readonly text: string;
}

/** Bundles `program`, which may import `contract`. */
export async function bundle(program: string, contract: ContractModule): Promise<BundleSize> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    plugins: [
      {
        name: "contract",
        setup(on) {
          on.onResolve({ filter: /^contract$/ }, () => ({ path: "contract", namespace: "contract" }));
          on.onLoad({ filter: /.*/, namespace: "contract" }, () => ({
            contents: contract.text,
            loader: contract.loader,
            resolveDir: root,
          }));
        },
      },
    ],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error("esbuild gave no bundle");
  const { contents, text } = output;
  return { bytes: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, text };
}
