// Tidy checker: a source file as its rules see it, parsed by the bundler's own parser. It reads no disk.
import { parseSync } from "rolldown/utils";

/** A file of the tree: its path from the root, with `/`, and its text. */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** A broken rule: where, what, and what to do instead. */
export interface Violation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly what: string;
  readonly fix: string;
}

/** A node of the syntax tree; every other property is a literal, a node, or a list of nodes. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

/** A module named by an import, an export from elsewhere, `import()` or an import type. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface Source extends TreeFile {
  readonly program: Node;
  readonly comments: readonly { readonly text: string; readonly line: number }[];
  readonly imports: readonly Import[];
  readonly isTest: boolean;
  /** The line of an offset in the text, from 1. */
  lineOf(offset: number): number;
}

/** Whether `value` is a node of the syntax tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

/** Visits `node` and everything below it, parents first. `key` is the property of `parent` that holds the node. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined, key: string) => void): void {
  const descend = (at: Node, parent: Node | undefined, key: string): void => {
    visit(at, parent, key);
    for (const [name, value] of Object.entries(at)) {
      if (isNode(value)) descend(value, at, name);
      else if (Array.isArray(value)) for (const item of value) if (isNode(item)) descend(item, at, name);
    }
  };
  descend(node, undefined, "");
}

/** Parses a TypeScript or JavaScript file; throws with the parser's message when it is neither. */
export function parseSource(file: TreeFile): Source {
  const parsed = parseSync(file.path, file.text, {
    lang: file.path.endsWith(".ts") ? "ts" : "js",
    sourceType: "module",
  });
  const error = parsed.errors[0];
  if (error !== undefined) throw new Error(`${file.path}: ${error.message}`);
  const lineOf = createLineIndex(file.text);
  const program = parsed.program as unknown as Node;
  return {
    ...file,
    program,
    comments: parsed.comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    imports: findImports(program, lineOf),
    isTest: file.path.endsWith(".test.ts"),
    lineOf,
  };
}

const importing = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

function findImports(program: Node, lineOf: (offset: number) => number): Import[] {
  const found: Import[] = [];
  walk(program, (node) => {
    if (!importing.has(node.type)) return;
    const source = isNode(node["source"]) ? node["source"] : node["argument"];
    if (!isNode(source)) return;
    const literal = isNode(source["literal"]) ? source["literal"] : source;
    const specifier = literal["value"];
    if (typeof specifier === "string") found.push({ specifier, line: lineOf(node.start) });
  });
  return found;
}

function createLineIndex(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
