// IDL layer: the files that the roots import, each read once, in an order in which a file comes after all it imports.
// It never reads a disk: texts come from the caller's function.
import type { IdlLimits } from "../limits.ts";
import { parseFile } from "../parser/file.ts";
import { Source } from "../source.ts";
import type { Problems } from "../source-error.ts";
import type { ImportNode, ParsedFile } from "../syntax-tree.ts";
import { createUnit, type Unit } from "./unit.ts";

/** Gives the text of a file by the path it is imported by; undefined when there is none. */
export type ResolveImport = (importPath: string) => string | undefined;

interface Open {
  readonly parsed: ParsedFile;
  readonly seen: Set<string>;
  next: number;
}

/** Reads roots and imports. The units are worth linking only if `problems` has no error. */
export function loadUnits(
  roots: readonly string[],
  resolve: ResolveImport,
  { limits, problems }: { limits: IdlLimits; problems: Problems },
): ReadonlyMap<string, Unit> {
  return new Loader(resolve, limits, problems).load(roots);
}

class Loader {
  readonly #resolve: ResolveImport;
  readonly #limits: IdlLimits;
  readonly #problems: Problems;
  readonly #units = new Map<string, Unit>();
  /** Files being read, outermost first: each imports the one behind it. */
  readonly #stack: Open[] = [];
  readonly #open = new Set<string>();
  readonly #missing = new Set<string>();

  constructor(resolve: ResolveImport, limits: IdlLimits, problems: Problems) {
    this.#resolve = resolve;
    this.#limits = limits;
    this.#problems = problems;
  }

  load(roots: readonly string[]): ReadonlyMap<string, Unit> {
    for (const root of roots) {
      if (this.#units.has(root) || this.#begin(root)) {
        this.#run();
        continue;
      }
      this.#problems.report(new Source(root, ""), 0, { code: "import-not-found", sentence: "there is no such file" });
    }
    return this.#units;
  }

  /** Reads a file and opens it; false when there is none. */
  #begin(name: string): boolean {
    const text = this.#resolve(name);
    if (text === undefined) return false;
    const parsed = parseFile(name, text, this.#limits);
    for (const problem of [...parsed.errors, ...parsed.warnings]) this.#problems.add(problem);
    this.#open.add(name);
    this.#stack.push({ parsed, seen: new Set(), next: 0 });
    return true;
  }

  /** A loop, not a recursion: a chain of imports may be longer than the stack. */
  #run(): void {
    for (let open = this.#stack.at(-1); open !== undefined; open = this.#stack.at(-1)) {
      const node = open.parsed.imports[open.next++];
      if (node === undefined) this.#finish(open.parsed);
      else this.#import(open, node);
    }
  }

  #import({ parsed, seen }: Open, node: ImportNode): void {
    const { path } = node;
    const report = (details: Parameters<Problems["report"]>[2]) =>
      this.#problems.report(parsed.source, node.at, details);
    if (/\\|^\/|\/$|(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) {
      report({
        code: "import-not-found",
        sentence: `"${path}" cannot be the path of an import`,
        found: path,
        hint: 'write names and single slashes only, without "." and ".."',
      });
    } else if (seen.has(path)) {
      report({ code: "import-twice", sentence: `"${path}" is imported twice`, found: path });
    } else if (this.#open.has(path)) {
      const names = [...this.#open];
      const cycle = [...names.slice(names.indexOf(path)), path].join(" -> ");
      report({ code: "import-cycle", sentence: `this import closes a circle: ${cycle}`, found: path });
    } else if (!this.#units.has(path) && !this.#missing.has(path)) {
      if (this.#units.size + this.#open.size >= this.#limits.maxFiles) {
        report({ code: "too-many-files", sentence: `more than ${this.#limits.maxFiles} files are imported` });
      } else if (!this.#begin(path)) this.#missing.add(path);
    }
    seen.add(path);
    if (this.#missing.has(path)) {
      report({
        code: "import-not-found",
        sentence: `"${path}" was not found`,
        found: path,
        hint: "the path of an import begins at a folder of imports, not at the folder of this file",
      });
    }
  }

  #finish(parsed: ParsedFile): void {
    this.#stack.pop();
    this.#open.delete(parsed.source.name);
    const imports = parsed.imports.flatMap((node) => {
      const unit = this.#units.get(node.path);
      return unit === undefined ? [] : [{ node, unit }];
    });
    this.#units.set(parsed.source.name, createUnit(parsed, imports, this.#problems));
  }
}
