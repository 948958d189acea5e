// IDL layer, linker: in which editions an option, a feature or a value of an enum may be used, as its declaration says it:
// `[feature_support = { edition_introduced: EDITION_2023 }]` (google/protobuf/descriptor.proto).
import type { EnumDescriptor, FileDescriptor, Options } from "../descriptor.ts";
import { getOption } from "../option-record.ts";
import type { StandardOptions, Unit } from "./unit.ts";

/** An option, a field in its value or the name of a value, where it is used. */
export interface OptionUse {
  readonly at: number;
  /** How sentences call it. */
  readonly label: string;
  /** The options of its declaration, which may be read later than its use. */
  readonly declared: Options;
}

/** Editions are numbers, in the order of time. */
interface Support {
  readonly introduced: number | undefined;
  readonly deprecated: number | undefined;
  readonly removed: number | undefined;
  readonly warning: string | undefined;
  readonly error: string | undefined;
}

/** The edition of a file, by the name that it has in `google.protobuf.Edition`. */
const editionNames: Readonly<Record<FileDescriptor["syntax"], string>> = {
  proto2: "EDITION_PROTO2",
  proto3: "EDITION_PROTO3",
  editions: "EDITION_2023",
};

/** Checks what `unit` declares of support, and what it uses of others; its options must be read. */
export function checkFeatureSupport(unit: Unit, uses: readonly OptionUse[], standard: StandardOptions): void {
  new SupportRules(unit, editionsOf(standard)).check(uses);
}

function editionsOf(standard: StandardOptions): ReadonlyMap<string, number> {
  const { enums = [] } = standard.get("google.protobuf.FileOptions")?.file ?? {};
  const values = enums.find(({ name }) => name === "Edition")?.values ?? [];
  return new Map(values.map(({ name, number }) => [name, number]));
}

class SupportRules {
  readonly #unit: Unit;
  readonly #editions: ReadonlyMap<string, number>;

  constructor(unit: Unit, editions: ReadonlyMap<string, number>) {
    this.#unit = unit;
    this.#editions = editions;
  }

  check(uses: readonly OptionUse[]): void {
    for (const use of uses) this.#checkUse(use);
    for (const { node, enum: descriptor } of this.#unit.enums) {
      for (const [index, { name, options }] of descriptor.values.entries()) {
        const support = this.#supportIn(options);
        const at = node.values[index]?.name.at ?? node.name.at;
        if (support !== undefined) this.#checkDeclared(support, name, at);
      }
    }
    const fields = this.#unit.fields.map(({ node, field }) => ({ node, field }));
    const extensions = this.#unit.extensions.map(({ node, extension }) => ({ node, field: extension }));
    for (const { node, field } of [...fields, ...extensions]) {
      const support = this.#supportIn(field.options);
      if (support === undefined) continue;
      this.#checkDeclared(support, field.name, node.name.at);
      if (field.type.kind === "enum") this.#checkValues(field.type.enum, support, node.name);
    }
  }

  #supportIn(options: Options): Support | undefined {
    const record = getOption(options, "feature_support") as Options | undefined;
    if (record === undefined) return undefined;
    const edition = (name: string): number | undefined => {
      const value = getOption(record, name) as { readonly identifier?: string } | undefined;
      // The absence of an edition says nothing.
      return value?.identifier === undefined ? undefined : this.#editions.get(value.identifier) || undefined;
    };
    return {
      introduced: edition("edition_introduced"),
      deprecated: edition("edition_deprecated"),
      removed: edition("edition_removed"),
      warning: getOption(record, "deprecation_warning") as string | undefined,
      error: getOption(record, "removal_error") as string | undefined,
    };
  }

  #checkUse({ at, label, declared }: OptionUse): void {
    const support = this.#supportIn(declared);
    if (support === undefined) return;
    const { introduced, deprecated, removed, warning, error } = support;
    const own = this.#editions.get(editionNames[this.#unit.file.syntax]) ?? 0;
    const here = this.#called(own);
    const report = (sentence: string, hint?: string, severity: "error" | "warning" = "error"): void =>
      this.#unit.report(at, { code: "option-misused", sentence, found: label, hint, severity });
    if (introduced !== undefined && own < introduced) {
      report(`"${label}" came with ${this.#called(introduced)}, and this file is of ${here}`);
    } else if (removed !== undefined && own >= removed) {
      report(`"${label}" was removed in ${this.#called(removed)}, and this file is of ${here}`, error);
    } else if (deprecated !== undefined && own >= deprecated) {
      report(`"${label}" is deprecated since ${this.#called(deprecated)}`, warning, "warning");
    }
  }

  #checkDeclared(support: Support, name: string, at: number): boolean {
    const wrong = this.#wrongIn(support);
    if (wrong === undefined) return true;
    this.#unit.report(at, { code: "option-misused", sentence: `"${name}" ${wrong}`, found: "feature_support" });
    return false;
  }

  #wrongIn({ introduced = 0, deprecated, removed, warning, error }: Support): string | undefined {
    if (deprecated !== undefined && deprecated < introduced) return "is deprecated before it is introduced";
    if (removed !== undefined && removed < introduced) return "is removed before it is introduced";
    if (deprecated !== undefined && removed !== undefined && deprecated >= removed) {
      return "is deprecated when it is removed already";
    }
    if (deprecated !== undefined && warning === undefined) return "is deprecated without a deprecation_warning";
    if (deprecated === undefined && warning !== undefined) return "has a deprecation_warning but is never deprecated";
    // What is removed as it comes was never there to miss.
    if (removed !== undefined && removed !== introduced && error === undefined) {
      return "is removed without a removal_error";
    }
    if (removed === undefined && error !== undefined) return "has a removal_error but is never removed";
    return undefined;
  }

  /** A value holds no longer, and no earlier, than the field that it is set in. */
  #checkValues(
    { values }: EnumDescriptor,
    field: Support,
    owner: { readonly text: string; readonly at: number },
  ): void {
    for (const { name, options } of values) {
      const value = this.#supportIn(options);
      if (value === undefined || this.#wrongIn(value) !== undefined) continue;
      const merged: Support = {
        introduced: value.introduced ?? field.introduced,
        deprecated: value.deprecated ?? field.deprecated,
        removed: value.removed ?? field.removed,
        warning: value.warning ?? field.warning,
        error: value.error ?? field.error,
      };
      if (!this.#checkDeclared(merged, name, owner.at)) continue;
      const wrong = isBefore(value.introduced, field.introduced)
        ? "is introduced before"
        : isBefore(field.deprecated, value.deprecated)
          ? "is deprecated after"
          : isBefore(field.removed, value.removed)
            ? "is removed after"
            : undefined;
      if (wrong === undefined) continue;
      const sentence = `the value "${name}" ${wrong} "${owner.text}", which holds it`;
      this.#unit.report(owner.at, { code: "option-misused", sentence, found: "feature_support" });
    }
  }

  /** `edition 2023`, `proto3`. */
  #called(edition: number): string {
    const name = [...this.#editions].find(([, number]) => number === edition)?.[0] ?? "";
    const short = name.replace("EDITION_", "");
    return /^PROTO/.test(short) ? short.toLowerCase() : `edition ${short}`;
  }
}

function isBefore(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one < other;
}
