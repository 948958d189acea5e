// IDL layer, compatibility: what holds for messages and enums alike: what they reserve, and whether they promise to be JSON.
import type { EnumDescriptor, MessageDescriptor } from "../descriptor.ts";
import { featuresOf } from "../features.ts";
import { missingRanges } from "./ranges.ts";
import { everywhere, exceptWire, type Rule } from "./rule.ts";
import { formatRange, joinWords } from "./words.ts";

type AnyType = MessageDescriptor | EnumDescriptor;

/** What all breaches of a message or an enum say alike. */
export function typeBreach<Type extends AnyType>(old: Type, now: Type) {
  return {
    subject: old.fullName,
    file: now.file.name,
    old: { declaration: old },
    now: { declaration: now },
  } as const;
}

export function isReserved({ reservedRanges }: AnyType, number: number): boolean {
  return reservedRanges.some(([from, to]) => number >= from && number < to);
}

/** The statement that reserves names. */
export function reserveNames({ file }: AnyType, names: readonly string[]): string {
  return file.syntax === "editions"
    ? `"reserved ${names.join(", ")};"`
    : `'reserved ${names.map((name) => `"${name}"`).join(", ")};'`;
}

/** Numbers or names that are no longer reserved; `member` is what has them. */
export function reservedRemoved(kind: AnyType["kind"], member: string): Rule<AnyType> {
  return {
    code: `${kind}-reserved-removed`,
    about: `numbers or names of ${kind === "enum" ? "an enum" : "a message"} are no longer reserved`,
    levels: everywhere(`RESERVED_${kind.toUpperCase()}_NO_DELETE`),
    *find({ old, now }) {
      const ranges = missingRanges(old.reservedRanges, now.reservedRanges);
      const names = old.reservedNames.filter((name) => !now.reservedNames.includes(name));
      const freed = [...ranges.map(formatRange), ...names.map((name) => `"${name}"`)];
      if (freed.length === 0) return;
      yield {
        ...typeBreach(old, now),
        change: `${joinWords(freed)} ${freed.length > 1 ? "are" : "is"} no longer reserved in ${old.fullName}`,
        advice: `old programs and old files may still hold the ${member} that it was: leave the reserved statement, and give new ones other numbers and names`,
      };
    },
  };
}

/** JSON was promised, and is made as well as can be. */
export function jsonFormatChanged(kind: AnyType["kind"]): Rule<AnyType> {
  return {
    code: `${kind}-json-format-changed`,
    about: `${kind === "enum" ? "an enum" : "a message"} no longer promises that it can be JSON`,
    levels: exceptWire(`${kind.toUpperCase()}_SAME_JSON_FORMAT`),
    *find({ old, now }) {
      if (featuresOf(old).jsonFormat !== "ALLOW" || featuresOf(now).jsonFormat === "ALLOW") return;
      yield {
        ...typeBreach(old, now),
        change: `JSON was allowed for ${old.fullName} and is best effort`,
        advice: "names that clash in JSON are no longer refused, and JSON may lose a value: keep json_format = ALLOW",
      };
    },
  };
}
