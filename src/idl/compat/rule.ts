// IDL layer, compatibility: what a rule is, and what it finds. Rules compare descriptors; they know of no file, no text and
// no terminal.
import type { AnyDescriptor } from "../descriptor.ts";
import type { Contract } from "./contract.ts";

/**
 * What must go on working with a new contract. Each finds what the next finds and more, but for what concerns generated
 * code alone:
 *
 * - `source`: programs that were written against the generated code, file by file;
 * - `package`: the same, but declarations may move between the files of a package;
 * - `wire-json`: bytes and JSON, whatever programs have to change when they are built again;
 * - `wire`: bytes.
 */
export type CompatLevel = "source" | "package" | "wire-json" | "wire";

/** All levels, the strictest first. */
export const compatLevels: readonly CompatLevel[] = ["source", "package", "wire-json", "wire"];

/** One end of a finding: a declaration, and the option of it that is meant, if one is. */
export interface FindingSide {
  readonly declaration: AnyDescriptor;
  /** By its name: `go_package`, or `(farcall.rpc.method)` for a custom option. */
  readonly option?: string | undefined;
}

/** What a rule says about one pair of declarations. */
export interface Breach {
  /** Full name of what changed, as the old contract has it; a file's path. */
  readonly subject: string;
  /** The import path of the file that declares it: the new contract's, or the old one's where that has none. */
  readonly file: string;
  /** What changed, without a full stop: `field 3 "price" was int32 and is string`. */
  readonly change: string;
  /** Who is hurt and what to do instead, without a full stop. */
  readonly advice: string;
  /** Absent for what the old contract lacks. */
  readonly old?: FindingSide | undefined;
  /** What is around it where the new contract lacks it; absent when that is gone as well. */
  readonly now?: FindingSide | undefined;
}

/** A declaration in both contracts, or both contracts themselves. */
export interface Pair<Element> {
  readonly old: Element;
  readonly now: Element;
  readonly level: CompatLevel;
  readonly oldContract: Contract;
  readonly nowContract: Contract;
}

/** What may not change, as a list of rules has it. */
export interface CompatRule {
  /** Stable: `field-removed`. */
  readonly code: string;
  /** One line: `a field is removed`. */
  readonly about: string;
  /** The levels that it belongs to, each with the id of the rule of `buf breaking` that says the same there; null: none does. */
  readonly levels: Readonly<Partial<Record<CompatLevel, string | null>>>;
}

/** A rule about one kind of declarations. */
export interface Rule<Element> extends CompatRule {
  find(pair: Pair<Element>): Iterable<Breach>;
}

/** A breach with the rule that found it. */
export interface Finding extends Breach {
  /** The rule's code. */
  readonly rule: string;
  /** The id of the same rule in `buf breaking`; undefined where it has none at this level. */
  readonly bufRule: string | undefined;
}

/** `levels` of a rule that belongs to all. */
export function everywhere(bufRule: string | null): CompatRule["levels"] {
  return { source: bufRule, package: bufRule, "wire-json": bufRule, wire: bufRule };
}

/** `levels` of a rule that guards JSON and generated code. */
export function exceptWire(bufRule: string | null): CompatRule["levels"] {
  return { source: bufRule, package: bufRule, "wire-json": bufRule };
}

/** `levels` of a rule that guards generated code. */
export function codeOnly(bufRule: string | null): CompatRule["levels"] {
  return { source: bufRule, package: bufRule };
}
