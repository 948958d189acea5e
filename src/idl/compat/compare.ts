// IDL layer, compatibility: an old and a new contract side by side. Matches what both declare - files by path, declarations by
// full name, fields and enum values by number - and asks every rule of the level about each pair.
import type { FileDescriptor, MessageDescriptor, ServiceDescriptor } from "../descriptor.ts";
import { type Contract, extensionKey, indexContract } from "./contract.ts";
import { enumRules } from "./enum-rules.ts";
import { fieldRules } from "./field-rules.ts";
import { fileRules } from "./file-rules.ts";
import { messageRules } from "./message-rules.ts";
import { removalRules } from "./removal-rules.ts";
import type { CompatLevel, CompatRule, Finding, Pair, Rule } from "./rule.ts";
import { methodRules, serviceRules } from "./service-rules.ts";

export interface CompareOptions {
  /** Default "source", as `buf breaking` has it. */
  readonly level?: CompatLevel;
  /** Files that have another path in the new contract, by their old path. */
  readonly renamed?: ReadonlyMap<string, string>;
}

/** Every rule, in the order of the table in docs/compat.md. */
export const compatRules: readonly CompatRule[] = [
  ...removalRules,
  ...fileRules,
  ...messageRules,
  ...fieldRules,
  ...enumRules,
  ...serviceRules,
  ...methodRules,
];

/**
 * What in `now` breaks somebody who has `old`. Only the files given are compared, not what they import. Findings come in the
 * order of the old files and of the rules; empty: nothing breaks at this level.
 */
export function compareFiles(
  old: readonly FileDescriptor[],
  now: readonly FileDescriptor[],
  { level = "source", renamed = new Map() }: CompareOptions = {},
): Finding[] {
  return new Comparison(indexContract(old, renamed), indexContract(now), level).run();
}

class Comparison {
  readonly #old: Contract;
  readonly #now: Contract;
  readonly #level: CompatLevel;
  readonly #findings: Finding[] = [];

  constructor(old: Contract, now: Contract, level: CompatLevel) {
    this.#old = old;
    this.#now = now;
    this.#level = level;
  }

  run(): Finding[] {
    this.#ask(removalRules, this.#old, this.#now);
    for (const [path, file] of this.#old.files) {
      const same = this.#now.files.get(path);
      if (same !== undefined) this.#ask(fileRules, file, same);
    }
    for (const [key, one] of this.#old.declared) {
      const same = this.#now.declared.get(key);
      if (one.kind === "message" && same?.kind === "message") this.#compareMessages(one, same);
      else if (one.kind === "enum" && same?.kind === "enum") this.#ask(enumRules, one, same);
      else if (one.kind === "service" && same?.kind === "service") this.#compareServices(one, same);
    }
    this.#compareExtensions();
    return this.#findings;
  }

  #compareMessages(old: MessageDescriptor, now: MessageDescriptor): void {
    this.#ask(messageRules, old, now);
    const fields = new Map(now.fields.map((field) => [field.number, field]));
    for (const field of old.fields) {
      const same = fields.get(field.number);
      if (same !== undefined) this.#ask(fieldRules, field, same);
    }
  }

  #compareServices(old: ServiceDescriptor, now: ServiceDescriptor): void {
    this.#ask(serviceRules, old, now);
    const methods = new Map(now.methods.map((method) => [method.name, method]));
    for (const method of old.methods) {
      const same = methods.get(method.name);
      if (same !== undefined) this.#ask(methodRules, method, same);
    }
  }

  #compareExtensions(): void {
    const extensionsOf = ({ declared }: Contract) => [...declared.values()].filter((one) => one.kind === "extension");
    const extensions = new Map(extensionsOf(this.#now).map((one) => [extensionKey(one), one]));
    for (const extension of extensionsOf(this.#old)) {
      const same = extensions.get(extensionKey(extension));
      if (same !== undefined) this.#ask(fieldRules, extension, same);
    }
  }

  #ask<Element>(rules: readonly Rule<Element>[], old: Element, now: Element): void {
    const pair: Pair<Element> = { old, now, level: this.#level, oldContract: this.#old, nowContract: this.#now };
    for (const { code, levels, find } of rules) {
      const bufRule = levels[this.#level];
      if (bufRule === undefined) continue;
      for (const breach of find(pair)) this.#findings.push({ ...breach, rule: code, bufRule: bufRule ?? undefined });
    }
  }
}
