// IDL layer, compatibility: enums - the numbers and names that they lose, and whether they are open.
import type { EnumDescriptor, EnumValueDescriptor } from "../descriptor.ts";
import { type Breach, codeOnly, exceptWire, type Rule } from "./rule.ts";
import { isReserved, jsonFormatChanged, reservedRemoved, reserveNames, typeBreach } from "./type-rules.ts";
import { joinWords } from "./words.ts";

/** The names of each number, in the order declared. */
function namesByNumber({ values }: EnumDescriptor): ReadonlyMap<number, readonly EnumValueDescriptor[]> {
  const named = new Map<number, EnumValueDescriptor[]>();
  for (const value of values) {
    const same = named.get(value.number);
    if (same === undefined) named.set(value.number, [value]);
    else same.push(value);
  }
  return named;
}

/** A breach a number that is gone, described by `describe`; nothing where that gives nothing. */
function goneValues(describe: (values: readonly EnumValueDescriptor[], now: EnumDescriptor) => string | undefined) {
  return function* ({ old, now }: { old: EnumDescriptor; now: EnumDescriptor }): Generator<Breach> {
    const left = namesByNumber(now);
    for (const [number, values] of namesByNumber(old)) {
      const advice = left.has(number) ? undefined : describe(values, now);
      const [first] = values;
      if (advice === undefined || first === undefined) continue;
      yield {
        ...typeBreach(old, now),
        subject: `${old.fullName}.${first.name}`,
        change: `${old.fullName}.${values.map(({ name }) => name).join("/")} (value ${number}) is gone`,
        advice,
        old: { declaration: first },
      };
    }
  };
}

const valueRemoved: Rule<EnumDescriptor> = {
  code: "enum-value-removed",
  about: "a number of an enum is removed",
  levels: codeOnly("ENUM_VALUE_NO_DELETE"),
  find: goneValues(
    ([first]) =>
      `programs that name ${first?.name} no longer build, and what old programs send is unknown: keep it, marked deprecated`,
  ),
};

const numberFreed: Rule<EnumDescriptor> = {
  code: "enum-value-number-not-reserved",
  about: "a number of an enum is removed and not reserved",
  levels: {
    "wire-json": "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
    wire: "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
  },
  find: goneValues(([first], now) =>
    first === undefined || isReserved(now, first.number)
      ? undefined
      : `whoever gives ${first.number} to another value later misreads what old programs send: write "reserved ${first.number};"`,
  ),
};

const nameFreed: Rule<EnumDescriptor> = {
  code: "enum-value-name-not-reserved",
  about: "a number of an enum is removed and its names not reserved",
  levels: { "wire-json": "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED" },
  find: goneValues((values, now) => {
    const free = values.filter(({ name }) => !now.reservedNames.includes(name)).map(({ name }) => name);
    if (free.length === 0) return undefined;
    return `whoever names another value ${joinWords(free)} later misreads old JSON: write ${reserveNames(now, free)}`;
  }),
};

const valueRenamed: Rule<EnumDescriptor> = {
  code: "enum-value-renamed",
  about: "a number of an enum loses a name",
  levels: exceptWire("ENUM_VALUE_SAME_NAME"),
  *find({ old, now }) {
    const after = namesByNumber(now);
    for (const [number, values] of namesByNumber(old)) {
      const left = after.get(number);
      const lost = values.filter(({ name }) => left?.some((value) => value.name === name) !== true);
      const [first] = lost;
      const [other] = left ?? [];
      if (first === undefined || other === undefined) continue;
      yield {
        ...typeBreach(old, now),
        subject: `${old.fullName}.${first.name}`,
        change: `${old.fullName}.${lost.map(({ name }) => name).join("/")} (value ${number}) is named ${other.name} now`,
        advice: `programs that name it no longer build, and JSON that holds ${first.name} is refused: keep the name, and add the other one to the same number with allow_alias`,
        old: { declaration: first },
        now: { declaration: other },
      };
    }
  },
};

const opennessChanged: Rule<EnumDescriptor> = {
  code: "enum-openness-changed",
  about: "an enum is opened or closed",
  levels: { source: "ENUM_SAME_TYPE", package: "ENUM_SAME_TYPE", "wire-json": null, wire: null },
  *find({ old, now }) {
    if (old.closed === now.closed) return;
    const name = ({ closed }: EnumDescriptor) => (closed ? "closed" : "open");
    yield {
      ...typeBreach(old, now),
      change: `${old.fullName} was ${name(old)} and is ${name(now)}`,
      advice: now.closed
        ? "a number that it lacks was a value and is absent now, and drops out of repeated fields: keep it open"
        : "a number that it lacks was absent and is a value now, which programs have no case for: keep it closed",
    };
  },
};

export const enumRules: readonly Rule<EnumDescriptor>[] = [
  valueRemoved,
  numberFreed,
  nameFreed,
  valueRenamed,
  reservedRemoved("enum", "value"),
  opennessChanged,
  jsonFormatChanged("enum"),
];
