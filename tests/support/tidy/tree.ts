// Tidy checker: reads the tree from disk and runs every rule over it.
import { readdirSync, readFileSync } from "node:fs";
import { checkHabits, checkName, checkTraces } from "./habits.ts";
import { checkCycles, checkLayers } from "./layers.ts";
import { checkPurity } from "./purity.ts";
import { parseSource, type TreeFile, type Violation } from "./source.ts";

const parsed = /\.(ts|mjs)$/;
const textual = /\.(ts|mjs|js|json|md|proto|py|go|mod|cc|h|txt|yaml|yml|html|css)$|^\.ci\/run$|^\.[a-z]+$/;
/** Word for word from elsewhere, or written by our generator: their authors' habits are theirs. */
const foreign = /^third_party\/|(^|\/)gen\//;

/** Every text file under `root` that `.gitignore` does not name, by path. */
export function readTree(root: string): TreeFile[] {
  const ignored = readFileSync(`${root}/.gitignore`, "utf8").split("\n").filter(Boolean);
  const names = new Set([".git", ...ignored.map((line) => line.replace(/\/$/, ""))]);
  const endings = ignored.filter((line) => line.startsWith("*")).map((line) => line.slice(1));
  const files: TreeFile[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      if (names.has(entry.name) || endings.some((ending) => entry.name.endsWith(ending))) continue;
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) visit(`${path}/`);
      else if (textual.test(path)) files.push({ path, text: readFileSync(`${root}/${path}`, "utf8") });
    }
  };
  visit("");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Runs every rule. */
export function checkTree(files: readonly TreeFile[]): Violation[] {
  const ours = files.filter(({ path }) => !foreign.test(path));
  const generated = files.map(({ path }) => path).filter((path) => foreign.test(path));
  const sources = ours.filter(({ path }) => parsed.test(path)).map(parseSource);
  return [
    ...checkLayers(sources, generated),
    ...checkCycles(sources),
    ...sources.flatMap(checkPurity),
    ...sources.flatMap(checkHabits),
    ...ours.flatMap(({ path }) => checkName(path)),
    ...ours.flatMap(checkTraces),
  ];
}

/** One line for people: `src/a.ts:3: imports src/net/tcp.ts; move the shared part down: ...`. */
export function formatViolation({ file, line, what, fix }: Violation): string {
  return `${file}:${line}: ${what}; ${fix}`;
}
