// Tidy checker: the layer table of DESIGN, section 2, held against the real import graph of `src`.
import type { Source, Violation } from "./source.ts";

/** The layers, lowest first; those in one row may not import each other. */
export const layerRows: readonly (readonly string[])[] = [
  ["bytes"],
  ["host"],
  ["framing"],
  ["idl"],
  ["marshal"],
  ["http"],
  ["http2"],
  ["rpc"],
  ["protocols"],
  ["services"],
  ["well-known"],
  ["otel"],
  ["sockets"],
  ["net", "sim"],
  ["cli"],
];

/** Imports that the order alone would permit, and why they are refused. */
const refused: readonly { readonly from: string; readonly to: readonly string[]; readonly why: string }[] = [
  {
    from: "rpc",
    to: ["http2"],
    why: "calls are written against src/http, so that another HTTP version can carry them",
  },
  {
    from: "sockets",
    to: ["idl", "marshal", "http", "http2", "rpc", "protocols", "services"],
    why: "raw sockets stand on bytes, host and framing alone",
  },
];

/** The packages that a layer may import; all others have none. */
const packagesOf: Readonly<Record<string, readonly string[]>> = { otel: ["@opentelemetry/api"] };

const rowOf = (layer: string): number => layerRows.findIndex((row) => row.includes(layer));

/** The layer of a file of `src`: its folder, or "root" for an entry file. */
export function layerOf(path: string): string {
  const parts = path.split("/");
  return parts.length === 2 ? "root" : (parts[1] as string);
}

/** The path from the tree's root that a relative import of `from` names; undefined when it is not relative. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith("./") && !specifier.startsWith("../")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

/** Why a file may not import another, or undefined when it may. */
function refusal(from: string, to: string): string | undefined {
  const layer = layerOf(from);
  const other = layerOf(to);
  if (other === "root") {
    if (layer === "root" && to !== "src/index.ts") return undefined;
    return layer === "cli" ? undefined : "entry files are imported by programs and src/cli only";
  }
  if (rowOf(other) < 0) return `src/${other} is in no row of the layer table (tests/support/tidy/layers.ts)`;
  if (other === "net" && from !== "src/index.ts" && layer !== "net" && layer !== "cli") {
    return "the real machine is handed in; only src/index.ts and src/cli name it";
  }
  if (layer === "root") return undefined;
  if (rowOf(layer) < 0) return `src/${layer} is in no row of the layer table (tests/support/tidy/layers.ts)`;
  if (layer === other) {
    const siblings = layer === "protocols" && from.split("/")[2] !== to.split("/")[2] && to.split("/").length > 3;
    return siblings ? "protocols do not know each other" : undefined;
  }
  const rule = refused.find((entry) => entry.from === layer && entry.to.includes(other));
  if (rule !== undefined) return rule.why;
  return rowOf(other) < rowOf(layer) ? undefined : `${layer} lies below ${other}`;
}

/** Checks every import of the files of `src`. Files at the paths of `generated` may be imported, and are not checked. */
export function checkLayers(sources: readonly Source[], generated: readonly string[] = []): Violation[] {
  const known = new Set([...sources.map(({ path }) => path), ...generated]);
  const violations: Violation[] = [];
  for (const source of sources) {
    if (!source.path.startsWith("src/")) continue;
    if (source.isTest) violations.push(...checkUnitTest(source));
    else violations.push(...checkImports(source, known));
  }
  return violations;
}

/** A test beside its source is compiled with it, before the package is there. */
function checkUnitTest({ path, imports }: Source): Violation[] {
  const own = imports.filter(({ specifier }) => /^farcall(?:\/|$)/.test(specifier));
  const fix = "import the file itself: on a fresh clone the package is not built yet when src is compiled";
  return own.map(({ specifier, line }) => ({ file: path, line, what: `imports the package "${specifier}"`, fix }));
}

function checkImports(source: Source, known: ReadonlySet<string>): Violation[] {
  const violations: Violation[] = [];
  for (const { specifier, line } of source.imports) {
    const report = (what: string, fix: string) => violations.push({ file: source.path, line, what, fix });
    const target = resolveImport(source.path, specifier);
    if (target === undefined) {
      if (specifier.startsWith("node:") || packagesOf[layerOf(source.path)]?.includes(specifier)) continue;
      report(`imports the package "${specifier}"`, "src has no dependencies; src/otel has OpenTelemetry's API");
      continue;
    }
    if (!known.has(target)) {
      report(`imports "${specifier}", which is no file`, "name a file of src with its extension .ts");
    } else if (target.endsWith(".test.ts")) {
      report(`imports the test ${target}`, "move what both need into a file of its own");
    } else {
      const why = refusal(source.path, target);
      if (why !== undefined) report(`imports ${target}`, `move the shared part down: ${why}`);
    }
  }
  return violations;
}

/** Reports each import cycle between files of `src` once, at its first import. */
export function checkCycles(sources: readonly Source[]): Violation[] {
  const bySource = new Map(
    sources.filter(({ path }) => path.startsWith("src/")).map((source) => [source.path, source]),
  );
  const violations: Violation[] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (finished.has(file)) return;
    path.push(file);
    for (const { specifier, line } of bySource.get(file)?.imports ?? []) {
      const target = resolveImport(file, specifier);
      if (target === undefined || !bySource.has(target)) continue;
      const at = path.indexOf(target);
      if (at >= 0) {
        const cycle = [...path.slice(at), target].join(" -> ");
        const fix = "move what both need into a file below them";
        violations.push({ file, line, what: `closes the cycle ${cycle}`, fix });
      } else {
        visit(target);
      }
    }
    path.pop();
    finished.add(file);
  };
  for (const file of bySource.keys()) visit(file);
  return violations;
}
