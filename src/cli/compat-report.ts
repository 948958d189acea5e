// The command line: what `farcall compat` found, for people and for programs.
import type { CompatLevel, Finding, FindingSide } from "../idl/compat/rule.ts";
import type { ContractSide, Place } from "./compat-side.ts";
import type { Output, Terminal } from "./terminal.ts";

/** What was found, and where each side's places are. */
export interface CompatReport {
  readonly old: ContractSide;
  readonly now: ContractSide;
  readonly level: CompatLevel;
  /** Without those that were ignored. */
  readonly findings: readonly Finding[];
  readonly ignoredCount: number;
}

/** A finding with its places on the disk. */
interface Located {
  readonly finding: Finding;
  readonly old: Place | undefined;
  readonly now: Place | undefined;
}

/** By file, then by place in the new contract; what has none, in the order found. */
function locate({ old, now, findings }: CompatReport): readonly Located[] {
  const place = (side: ContractSide, end: FindingSide | undefined) => end && side.placeOf(end.declaration, end.option);
  const located = findings.map((finding) => ({
    finding,
    old: place(old, finding.old),
    now: place(now, finding.now),
  }));
  const files = [...new Set(findings.map(({ file }) => file))];
  const rank = ({ finding }: Located) => files.indexOf(finding.file);
  return located.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.now?.line ?? 0) - (other.now?.line ?? 0) ||
      (one.now?.column ?? 0) - (other.now?.column ?? 0),
  );
}

/** `protos/shop.proto:3:5`, or the descriptor set: what is meant has its full name beside it. */
function formatPlace({ file, line, column }: Place): string {
  return line === undefined ? file : `${file}:${line}:${column}`;
}

/** Findings go to the standard output, with an empty line between files; how many there are to the standard error. */
export function printFindingsText(report: CompatReport, { out, err }: Terminal): void {
  const { level, findings, ignoredCount } = report;
  let file: string | undefined;
  for (const { finding, old, now } of locate(report)) {
    if (file !== undefined && finding.file !== file) out.line("");
    file = finding.file;
    const { rule, change, advice } = finding;
    const [first, second] = now === undefined ? [old, undefined] : [now, old];
    const place = first === undefined ? finding.file : formatPlace(first);
    out.line(`${out.style("bold", `${place}:`)} ${out.style("red", rule)}: ${change}`);
    if (second !== undefined) out.line(`  before: ${out.style("dim", formatPlace(second))}`);
    out.line(`  ${advice}`);
  }
  const ignored = ignoredCount === 0 ? "" : `, ${ignoredCount} ignored`;
  if (findings.length === 0) out.line(`nothing breaks at level ${level}${ignored}`);
  else
    err.line(
      `${findings.length} ${findings.length === 1 ? "thing breaks" : "things break"} at level ${level}${ignored}`,
    );
}

export function printFindingsJson(report: CompatReport, out: Output): void {
  const findings = locate(report).map(({ finding, old, now }) => {
    const { rule, bufRule, subject, file, change, advice } = finding;
    return { rule, bufRule: bufRule ?? null, file, subject, change, advice, old: old ?? null, new: now ?? null };
  });
  out.line(JSON.stringify({ level: report.level, findings, ignored: report.ignoredCount }, null, 2));
}
