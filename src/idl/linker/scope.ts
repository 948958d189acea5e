// IDL layer: every name that the linked files declare, and how a name written somewhere finds one of them: the innermost
// scope first, a leading dot for an absolute name, only through imports
// (https://protobuf.dev/programming-guides/proto3/#name-resolution).
import { joinName, scopeOf } from "../names.ts";
import type { NameNode } from "../syntax-tree.ts";
import { type DeclaredName, kindNames, type Unit } from "./unit.ts";

/** What a lookup came to. */
export type Lookup =
  | { readonly kind: "found"; readonly name: DeclaredName }
  /** `shadow`: an inner scope has the first part of the name but not the whole. `hidden`: it is there, but not imported. */
  | { readonly kind: "missing"; readonly shadow: string | undefined; readonly hidden: DeclaredName | undefined };

/** Where a name is looked up from. */
interface LookupPlace {
  /** The full name of the innermost scope. */
  readonly scope: string;
  /** What is neither message nor enum does not hide outer names. */
  readonly typesOnly: boolean;
}

/** All declared names of one link. */
export class Scope {
  readonly #names = new Map<string, DeclaredName>();

  /** Declares a name; a second one is reported where it stands and changes nothing. True: it is new. */
  declare(name: DeclaredName): boolean {
    const { fullName, unit, at, declared } = name;
    const first = this.#names.get(fullName);
    if (first === undefined) {
      this.#names.set(fullName, name);
      return true;
    }
    if (declared.kind === "package" && first.declared.kind === "package") return true;
    const place = first.unit.parsed.source.position(first.at);
    const where = first.unit === unit ? `on line ${place.line}` : `in ${first.unit.file.name}:${place.line}`;
    const isSibling = declared.kind === "enum-value" || first.declared.kind === "enum-value";
    unit.report(at, {
      code: "duplicate-name",
      sentence: `"${fullName}" is already declared as ${kindNames[first.declared.kind]} ${where}`,
      found: fullName,
      hint: isSibling
        ? "enum values stand beside their enum, not inside it: begin them with the enum's name"
        : undefined,
    });
    return false;
  }

  /** The declaration of a full name, seen from `unit`. */
  #visible(fullName: string, unit: Unit): DeclaredName | undefined {
    const name = this.#names.get(fullName);
    if (name === undefined) return undefined;
    const seen = name.declared.kind === "package" ? unit.packages.has(fullName) : unit.visible.has(name.unit);
    return seen ? name : undefined;
  }

  /** Looks `written` up, as it stands in a file. */
  lookup(written: string, unit: Unit, { scope, typesOnly }: LookupPlace): Lookup {
    if (written.startsWith(".")) return this.#found(this.#visible(written.slice(1), unit), written.slice(1), unit);
    const firstDot = written.indexOf(".");
    const first = firstDot < 0 ? written : written.slice(0, firstDot);
    let hidden: DeclaredName | undefined;
    for (let inside = scope; ; inside = scopeOf(inside)) {
      const whole = joinName(inside, written);
      hidden ??= this.#names.get(whole);
      if (inside === "") return this.#found(this.#visible(written, unit), whole, unit, hidden);
      const outer = this.#visible(joinName(inside, first), unit);
      if (outer === undefined) continue;
      if (firstDot < 0) {
        if (!typesOnly || outer.declared.kind === "message" || outer.declared.kind === "enum") {
          return this.#found(outer, whole, unit);
        }
      } else if (holdsNames(outer)) {
        const name = this.#visible(whole, unit);
        return name === undefined ? { kind: "missing", shadow: whole, hidden } : this.#found(name, whole, unit);
      }
    }
  }

  #found(name: DeclaredName | undefined, fullName: string, unit: Unit, hidden = this.#names.get(fullName)): Lookup {
    if (name === undefined) {
      return { kind: "missing", shadow: undefined, hidden: hidden?.declared.kind === "package" ? undefined : hidden };
    }
    const node = unit.visible.get(name.unit);
    if (node !== undefined && name.declared.kind !== "package") unit.used.add(node);
    return { kind: "found", name };
  }

  /**
   * The message or enum that `written` names from inside `scope`; undefined after an error was reported. For a field,
   * names of other things do not hide types; for a method they do, as protoc has it.
   */
  findType(written: NameNode, unit: Unit, { scope, typesOnly }: LookupPlace): DeclaredName | undefined {
    const lookup = this.lookup(written.text, unit, { scope, typesOnly });
    if (lookup.kind === "missing") {
      reportMissing(lookup, written, unit);
      return undefined;
    }
    const { kind } = lookup.name.declared;
    if (kind === "message" || kind === "enum") return lookup.name;
    unit.report(written.at, {
      code: "wrong-kind",
      sentence: `"${written.text}" is ${kindNames[kind]}, not a type`,
      found: written.text,
      expected: "a message or an enum",
    });
    return undefined;
  }

  /** The message that `written` names; `what` says what it is for. Undefined after an error was reported. */
  findMessage(
    written: NameNode,
    unit: Unit,
    { scope, what }: { scope: string; what: string },
  ): DeclaredName | undefined {
    const name = this.findType(written, unit, { scope, typesOnly: false });
    if (name === undefined || name.declared.kind === "message") return name;
    unit.report(written.at, {
      code: "wrong-kind",
      sentence: `"${written.text}" is ${kindNames[name.declared.kind]}, but ${what} must be a message`,
      found: written.text,
      expected: "a message",
    });
    return undefined;
  }
}

function holdsNames({ declared }: DeclaredName): boolean {
  return (
    declared.kind === "message" ||
    declared.kind === "package" ||
    declared.kind === "enum" ||
    declared.kind === "service"
  );
}

/** Says why a name was not found. */
export function reportMissing(lookup: Extract<Lookup, { kind: "missing" }>, written: NameNode, unit: Unit): void {
  const { hidden, shadow } = lookup;
  if (shadow !== undefined && hidden?.fullName !== shadow) {
    unit.report(written.at, {
      code: "unknown-type",
      sentence: `"${written.text}" means "${shadow}" here, which is not declared`,
      found: written.text,
      hint: `the innermost scope is searched first; write ".${written.text}" to begin with the outermost`,
    });
  } else if (hidden !== undefined) {
    unit.report(written.at, {
      code: "not-imported",
      sentence: `"${written.text}" is declared in ${hidden.unit.file.name}, which this file does not import`,
      found: written.text,
      hint: `add import "${hidden.unit.file.name}";`,
    });
  } else {
    unit.report(written.at, {
      code: "unknown-type",
      sentence: `"${written.text}" is not declared`,
      found: written.text,
      hint: "declare it, or import the file that does",
    });
  }
}
