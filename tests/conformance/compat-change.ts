// A changed contract as the tables have it, what our rules find in it, and what `buf breaking` finds.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type CompatLevel, compareFiles, compatLevels, type FileDescriptor, linkFiles } from "farcall/idl";
import { resolveFrom } from "./idl-refused.ts";

/** A contract: one text, which is `a.proto`, or texts by path. A text without a syntax is proto3 in package p. */
export type Contract = string | Readonly<Record<string, string>>;

/** The levels at which a rule finds something, the strictest first. */
export type Levels = string;
export const all: Levels = "source package wire-json wire";
export const json: Levels = "source package wire-json";
export const code: Levels = "source package";
export const bytes: Levels = "wire-json wire";

/** One change. */
export interface Change {
  readonly name: string;
  readonly old: Contract;
  readonly now: Contract;
  /** Rules that find it, each with the levels. */
  readonly finds: Readonly<Record<string, Levels>>;
  /** Rules of buf that it finds and we do not, or that we find and it does not. */
  readonly differs?: {
    readonly onlyBuf?: readonly string[];
    readonly onlyOurs?: readonly string[];
    readonly why: string;
  };
}

export const proto2 = (body: string): string => `syntax = "proto2";\npackage p;\n${body}`;
export const edition = (body: string): string => `edition = "2023";\npackage p;\n${body}`;

function textsOf(contract: Contract): Readonly<Record<string, string>> {
  const texts = typeof contract === "string" ? { "a.proto": contract } : contract;
  const whole = (text: string) =>
    /^(syntax|edition) = /m.test(text) ? text : `syntax = "proto3";\npackage p;\n${text}`;
  return Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, whole(text)]));
}

function link(contract: Contract): readonly FileDescriptor[] {
  const texts = textsOf(contract);
  const { files, errors } = linkFiles(Object.keys(texts), resolveFrom(texts));
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return files;
}

/** What we find: rules of ours to levels, and the rules of buf that stand beside them at each level. */
export function findOurs({ old, now }: Change) {
  const [before, after] = [link(old), link(now)];
  const finds: Record<string, Levels> = {};
  const bufRules = new Map<CompatLevel, ReadonlySet<string>>();
  for (const level of compatLevels) {
    const findings = compareFiles(before, after, { level });
    for (const rule of new Set(findings.map((finding) => finding.rule))) {
      finds[rule] = finds[rule] === undefined ? level : `${finds[rule]} ${level}`;
    }
    bufRules.set(level, new Set(findings.flatMap(({ bufRule }) => bufRule ?? [])));
  }
  return { finds, bufRules };
}

const run = promisify(execFile);

/** buf's names of our levels. */
const categories: Readonly<Record<CompatLevel, string>> = {
  source: "FILE",
  package: "PACKAGE",
  "wire-json": "WIRE_JSON",
  wire: "WIRE",
};

/** The rules of buf, each with the levels it belongs to. */
export async function readBufRules(buf: string): Promise<ReadonlyMap<string, readonly CompatLevel[]>> {
  const { stdout } = await run(buf, ["config", "ls-breaking-rules", "--version", "v2", "--format", "json"]);
  const rules = parseLines<{ readonly id: string; readonly categories: readonly string[] }>(stdout);
  const levelsOf = (names: readonly string[]) => compatLevels.filter((level) => names.includes(categories[level]));
  return new Map(rules.map((rule) => [rule.id, levelsOf(rule.categories)]));
}

/** The rules of buf that find something, at whatever level. `folder` must be empty. */
export async function findBufs({ old, now }: Change, buf: string, folder: string): Promise<ReadonlySet<string>> {
  for (const [side, contract] of [
    ["old", old],
    ["now", now],
  ] as const) {
    for (const [path, text] of Object.entries(textsOf(contract))) {
      mkdirSync(dirname(join(folder, side, path)), { recursive: true });
      writeFileSync(join(folder, side, path), text);
    }
  }
  const config = JSON.stringify({ version: "v2", breaking: { use: Object.values(categories) } });
  const args = ["breaking", join(folder, "now"), "--against", join(folder, "old"), "--config", config];
  try {
    await run(buf, [...args, "--error-format", "json"]);
    return new Set();
  } catch (error) {
    const { code: status, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    assert.equal(status, 100, `buf failed: ${stderr ?? String(error)}`);
    return new Set(parseLines<{ readonly type: string }>(stdout ?? "").map(({ type }) => type));
  }
}

function parseLines<Line>(text: string): readonly Line[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Line);
}
