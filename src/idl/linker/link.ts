// IDL layer: files and all that they import, from text to descriptors. It reads no disk: the caller gives the texts.
import type { FileDescriptor, MessageDescriptor } from "../descriptor.ts";
import { defaultIdlLimits, type IdlLimits } from "../limits.ts";
import { Problems, type SourceError } from "../source-error.ts";
import { standardOptionsName, standardOptionsText } from "../standard-options.ts";
import { checkEnums } from "./check-enum.ts";
import { checkExtensions, type Extendees } from "./check-extension.ts";
import { checkMessages } from "./check-message.ts";
import { declareUnit } from "./declare.ts";
import { loadUnits, type ResolveImport } from "./load.ts";
import { readOptions } from "./options.ts";
import { createPositionOf, type PositionOf } from "./positions.ts";
import { resolveUnit } from "./resolve.ts";
import { Scope } from "./scope.ts";
import { settleTraits } from "./traits.ts";
import type { StandardOptions, Unit } from "./unit.ts";

/** What came of linking. */
export interface LinkResult {
  /** The roots in the order asked for; empty when there are errors. */
  readonly files: readonly FileDescriptor[];
  /** The roots and all that they import, each behind what it imports; empty when there are errors. */
  readonly allFiles: readonly FileDescriptor[];
  readonly errors: readonly SourceError[];
  readonly warnings: readonly SourceError[];
  /**
   * Where a declaration of these files was written, or an option of it: undefined for what stands in no text. Looked for when
   * it is first asked; to keep the function keeps the texts.
   */
  readonly positionOf: PositionOf;
}

/**
 * Reads the files `roots` and what they import, and links them into descriptors. Never throws for what stands in a
 * text: look at `errors`. Names and types are looked at only when every text could be read.
 *
 * `resolve` gives the text of a file by its import path, roots included; undefined when there is none.
 */
export function linkFiles(
  roots: readonly string[],
  resolve: ResolveImport,
  limits: Partial<IdlLimits> = {},
): LinkResult {
  const bounds = { ...defaultIdlLimits, ...limits };
  const problems = new Problems(bounds.maxErrors);
  const units = loadUnits(roots, resolve, { limits: bounds, problems });
  const rootUnits = roots.flatMap((root) => units.get(root) ?? []);
  if (problems.errors.length === 0) {
    linkUnits([...units.values()], linkStandardOptions(problems));
    for (const unit of rootUnits) warnOfUnusedImports(unit);
  }
  const { errors, warnings } = problems;
  const positionOf = createPositionOf([...units.values()]);
  if (errors.length > 0) return { files: [], allFiles: [], errors: sortErrors(errors), warnings, positionOf };
  return {
    files: rootUnits.map(({ file }) => file),
    allFiles: [...units.values()].map(({ file }) => file),
    errors,
    warnings,
    positionOf,
  };
}

/** Without `standard`, the units declare the standard options themselves. */
function linkUnits(units: readonly Unit[], standard?: StandardOptions): void {
  const names = new Scope();
  const extendees: Extendees = new Map();
  for (const unit of units) declareUnit(unit, names);
  const options = standard ?? messagesOf(units);
  for (const unit of units) {
    resolveUnit(unit, names);
    readOptions(unit, names, options);
    settleTraits(unit);
    checkMessages(unit);
    checkExtensions(unit, extendees);
    checkEnums(unit);
  }
}

/** The standard options as descriptors. They are linked on their own, because a file may redefine none of them. */
function linkStandardOptions(problems: Problems): StandardOptions {
  const text = (path: string) => (path === standardOptionsName ? standardOptionsText : undefined);
  const units = [...loadUnits([standardOptionsName], text, { limits: defaultIdlLimits, problems }).values()];
  linkUnits(units);
  return messagesOf(units);
}

function messagesOf(units: readonly Unit[]): StandardOptions {
  const messages = units.flatMap(({ file }): readonly MessageDescriptor[] => file.messages);
  return new Map(messages.map((message) => [message.fullName, message]));
}

function warnOfUnusedImports({ imports, used, report }: Unit): void {
  for (const { node } of imports) {
    if (node.kind === "public" || used.has(node)) continue;
    report(node.at, {
      code: "unused-import",
      sentence: `import "${node.path}" is not used`,
      found: node.path,
      severity: "warning",
    });
  }
}

/** By file in the order read, then by place: the order in which people mend them. */
function sortErrors(errors: readonly SourceError[]): readonly SourceError[] {
  const order = new Map<string, number>();
  for (const { file } of errors) if (!order.has(file)) order.set(file, order.size);
  const rank = (error: SourceError) => order.get(error.file) ?? 0;
  return errors.toSorted((one, other) => rank(one) - rank(other) || one.line - other.line || one.column - other.column);
}
