// Generates the modules of gRPC's own services (src/services/gen) from third_party/grpc. They are part of the package, so
// their runtime is a file beside them. `--check` writes nothing and fails when one would change. Run it after a build.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { generateFiles, linkFiles } = await import("../dist/idl.js");
const source = "third_party/grpc";
const protobuf = "third_party/protobuf";
const target = "src/services/gen";
const contracts = readdirSync(source, { recursive: true }).filter((path) => path.endsWith(".proto"));
/** A contract, or one of protobuf's own files, which the runtime has. */
const read = (path) => readFileSync(join(path.startsWith("google/protobuf/") ? protobuf : source, path), "utf8");
const { allFiles, errors } = linkFiles(contracts.sort(), read);
for (const error of errors) console.error(error.format());
let differ = errors.length;
/** The way from a module to its runtime, src/gen.ts. */
const runtimeOf = ({ name }) => `${"../".repeat(name.split("/").length + 1)}gen.ts`;
const generated = allFiles.flatMap((file) =>
  generateFiles([file], { importExtension: "ts", runtime: runtimeOf(file) }),
);
for (const { path, text } of generated) {
  const file = join(target, path);
  let before;
  try {
    before = readFileSync(file, "utf8");
  } catch {
    before = undefined;
  }
  if (before === text) continue;
  differ++;
  console.log(`${file} ${process.argv.includes("--check") ? "would change" : "written"}`);
  if (process.argv.includes("--check")) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
process.exitCode = errors.length > 0 || (differ > 0 && process.argv.includes("--check")) ? 1 : 0;
