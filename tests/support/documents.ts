// The repository's Markdown, as the tests see it: files, the TypeScript in them, what they point to.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The documents: Markdown at the top and in docs/, its folders included. */
export function listDocuments(): readonly string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`);
  return [...readdirSync(root), ...inDocs].filter((name) => name.endsWith(".md")).sort();
}

export function readDocument(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

/** A program in a document: its blocks in their order. */
export interface DocumentProgram {
  readonly document: string;
  /** 1 for the first program of its document. */
  readonly number: number;
  /** Only compiled: `<!-- not run -->` stands before its first block. */
  readonly isRun: boolean;
  readonly text: string;
  /** What it prints, line by line, by the comments in it. */
  readonly prints: readonly string[];
}

const blockPattern = /(?:<!-- (?<note>[a-z ]+) -->\n+)?```ts\n(?<code>.*?)^```$/gms;

/**
 * The programs of a document. A block of TypeScript begins one, or goes on with the last one where `<!-- goes on -->` stands
 * before it.
 */
export function readPrograms(document: string): readonly DocumentProgram[] {
  const programs: { note: string; code: string }[] = [];
  for (const { groups } of readDocument(document).matchAll(blockPattern)) {
    const { note = "", code = "" } = groups ?? {};
    const last = programs.at(-1);
    if (note === "goes on" && last !== undefined) last.code += code;
    else programs.push({ note, code });
  }
  return programs.map(({ note, code }, index) => ({
    document,
    number: index + 1,
    isRun: note !== "not run",
    text: code,
    prints: readPrints(code),
  }));
}

/** What the `console.log` lines of a program print: the comment behind each, or the lines of comment below it. */
function readPrints(code: string): string[] {
  const lines = code.split("\n");
  return lines.flatMap((line, index) => {
    if (!/^\s*(?:.* )?console\.log\(/.test(line)) return [];
    // The formatter may have put the call on several lines.
    const last = index + lines.slice(index).findIndex((one) => /\);(?: \/\/ .*)?$/.test(one));
    const behind = /\); \/\/ (.*)$/.exec(lines[last] ?? "")?.[1];
    if (behind !== undefined) return [behind];
    const below = lines.slice(last + 1);
    const end = below.findIndex((next) => !/^\s*\/\//.test(next));
    return below.slice(0, Math.max(end, 0)).map((next) => next.replace(/^\s*\/\/ ?/, ""));
  });
}

/** What a document points to inside the repository, as paths from the root: links and paths in backticks. */
export function readReferences(document: string): readonly string[] {
  const text = readDocument(document).replaceAll(/^```.*?^```$/gms, "");
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) =>
    join(dirname(document), path as string),
  );
  const images = [...text.matchAll(/(?:src|srcset)="(?!https?:)([^"]+)"/g)].map(([, path]) =>
    join(dirname(document), path as string),
  );
  const named = [...text.matchAll(/`((?:src|tests|bench|examples|docs|scripts|third_party)\/[\w./-]*)`/g)];
  return [...links, ...images, ...named.map(([, path]) => path as string)];
}
