// The exported surface of the package as text: what each subpath exports, with the signatures its types declare.
// A change of the surface then shows as a change of a committed file.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "rolldown/utils";
import { isNode, type Node } from "./tidy/source.ts";

/** One subpath of the package. */
export interface Subpath {
  /** `farcall/bytes`. */
  readonly name: string;
  /** The file it is committed in, under `tests/surface`: `bytes.txt`. */
  readonly fileName: string;
  /** Its declarations as text, ending in a line break. */
  readonly text: string;
}

interface Module {
  readonly path: string;
  readonly text: string;
  readonly statements: readonly Node[];
  readonly comments: readonly { readonly start: number; readonly end: number }[];
}

/** Reads the surface of the built package at `root`. Subpaths that are not built are left out. */
export function readSurface(root: string): Subpath[] {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const subpaths: Subpath[] = [];
  for (const [key, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string" || !existsSync(join(root, target.types))) continue;
    const name = `${manifest.name}${key.slice(1)}`;
    const text = `${name}\n\n${describeModule(join(root, target.types))}`;
    subpaths.push({ name, fileName: `${key === "." ? "index" : key.slice(2).replaceAll("/", "-")}.txt`, text });
  }
  return subpaths;
}

/** The declarations that a module exports, by name, as text without comments. */
export function describeModule(path: string): string {
  const entry = readModule(path);
  const names = entry.statements.flatMap(exportedNames);
  const unique = [...new Set(names)].sort();
  return unique.map((name) => `${describeExport(entry, name).join("\n")}\n`).join("\n");
}

function readModule(path: string): Module {
  const text = readFileSync(path, "utf8");
  const parsed = parseSync(path, text, { lang: "dts", sourceType: "module" });
  return { path, text, statements: (parsed.program as unknown as { body: Node[] }).body, comments: parsed.comments };
}

const nameOf = (node: unknown): string => (isNode(node) ? String(node["name"] ?? node["value"]) : "");
const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** The names that a declaration introduces. */
function declaredNames(declaration: Node): string[] {
  if (declaration.type !== "VariableDeclaration") return [nameOf(declaration["id"])];
  return nodesOf(declaration["declarations"]).map((declarator) => nameOf(declarator["id"]));
}

function exportedNames(statement: Node): string[] {
  if (statement.type !== "ExportNamedDeclaration") return [];
  if (isNode(statement["declaration"])) return declaredNames(statement["declaration"]);
  return nodesOf(statement["specifiers"]).map((specifier) => nameOf(specifier["exported"]));
}

/** Every declaration of an exported name: overloads, or a type and a value of one name, are several. */
function describeExport(module: Module, name: string): string[] {
  const found: string[] = [];
  for (const statement of module.statements) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    const { declaration, source } = statement;
    if (isNode(declaration) && declaredNames(declaration).includes(name))
      found.push(declarationText(module, declaration));
    for (const specifier of nodesOf(statement["specifiers"])) {
      if (nameOf(specifier["exported"]) !== name) continue;
      const local = nameOf(specifier["local"]);
      const described = isNode(source) ? describeFrom(module, source, local) : describeLocal(module, local);
      found.push(...(local === name ? described : described.map((text) => `${name} is ${text}`)));
    }
  }
  return found;
}

/** A name of the module itself that it exports apart from its declaration; it may be imported. */
function describeLocal(module: Module, name: string): string[] {
  const found: string[] = [];
  for (const statement of module.statements) {
    if (statement.type === "ImportDeclaration" && isNode(statement["source"])) {
      const bound = nodesOf(statement["specifiers"]).find((specifier) => nameOf(specifier["local"]) === name);
      if (bound !== undefined) found.push(...describeFrom(module, statement["source"], nameOf(bound["imported"])));
    } else if (isNode(statement["id"]) || statement.type === "VariableDeclaration") {
      if (declaredNames(statement).includes(name)) found.push(declarationText(module, statement));
    }
  }
  return found;
}

function describeFrom(module: Module, source: Node, name: string): string[] {
  const specifier = String(source["value"]);
  if (!specifier.startsWith(".")) return [`${name} of ${specifier}`];
  const path = join(dirname(module.path), specifier.replace(/(\.d)?\.[jt]s$/, ".d.ts"));
  return describeExport(readModule(path), name);
}

/** A declaration without comments, private members and blank lines. */
function declarationText(module: Module, declaration: Node): string {
  let text = "";
  let at = declaration.start;
  for (const comment of module.comments) {
    if (comment.start < at || comment.end > declaration.end) continue;
    text += module.text.slice(at, comment.start);
    at = comment.end;
  }
  text += module.text.slice(at, declaration.end);
  return text
    .replace(/^declare /, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "" && !/^\s*(#private;|private \w+;?)/.test(line))
    .join("\n");
}

/** The lines that differ between the committed text and the present one, marked `-` and `+`. */
export function diffLines(before: string, after: string): string {
  const old = before.split("\n");
  const fresh = after.split("\n");
  // Longest common subsequence; a surface has some hundreds of lines.
  const width = fresh.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] as number;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      common[i * width + j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < old.length || j < fresh.length; ) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      i++;
      j++;
    } else if (j >= fresh.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${old[i++]}`);
    } else {
      lines.push(`+ ${fresh[j++]}`);
    }
  }
  return lines.join("\n");
}
