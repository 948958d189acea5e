// Example, demo: where the package's own files are.
import { fileURLToPath } from "node:url";

/** The path of a file of the package, by its path in it. */
export function fromPackage(path: string): string {
  return fileURLToPath(new URL(path, import.meta.resolve("farcall/package.json")));
}
