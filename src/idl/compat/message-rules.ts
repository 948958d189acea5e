// IDL layer, compatibility: what a message lacks that it had: fields, oneofs, reserved numbers and names, extension ranges.
import type { FieldDescriptor, MessageDescriptor } from "../descriptor.ts";
import { getOption } from "../option-record.ts";
import { missingRanges } from "./ranges.ts";
import { type Breach, codeOnly, everywhere, type Rule } from "./rule.ts";
import { isReserved, jsonFormatChanged, reservedRemoved, reserveNames, typeBreach } from "./type-rules.ts";
import { formatRange, joinWords } from "./words.ts";

/** A breach a field that is gone, described by `describe`; nothing where that gives nothing. */
function goneFields(describe: (field: FieldDescriptor, now: MessageDescriptor) => string | undefined) {
  return function* ({ old, now }: { old: MessageDescriptor; now: MessageDescriptor }): Generator<Breach> {
    const numbers = new Set(now.fields.map(({ number }) => number));
    for (const field of old.fields) {
      const advice = numbers.has(field.number) ? undefined : describe(field, now);
      if (advice === undefined) continue;
      const subject = `${old.fullName}.${field.name}`;
      const change = `${subject} (field ${field.number}) is gone`;
      yield { ...typeBreach(old, now), subject, change, advice, old: { declaration: field } };
    }
  };
}

const fieldRemoved: Rule<MessageDescriptor> = {
  code: "field-removed",
  about: "a field is removed",
  levels: codeOnly("FIELD_NO_DELETE"),
  find: goneFields(
    ({ name }) => `programs that read or set ${name} no longer build: keep it, marked deprecated, until nobody does`,
  ),
};

const numberFreed: Rule<MessageDescriptor> = {
  code: "field-number-not-reserved",
  about: "a field is removed and its number not reserved",
  levels: { "wire-json": "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", wire: "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED" },
  find: goneFields(({ number }, now) =>
    isReserved(now, number)
      ? undefined
      : `whoever gives ${number} to another field later misreads what old programs and old files hold: write "reserved ${number};"`,
  ),
};

const nameFreed: Rule<MessageDescriptor> = {
  code: "field-name-not-reserved",
  about: "a field is removed and its name not reserved",
  levels: { "wire-json": "FIELD_NO_DELETE_UNLESS_NAME_RESERVED" },
  find: goneFields(({ name }, now) =>
    now.reservedNames.includes(name)
      ? undefined
      : `whoever names another field ${name} later misreads old JSON: write ${reserveNames(now, [name])}`,
  ),
};

const oneofRemoved: Rule<MessageDescriptor> = {
  code: "oneof-removed",
  about: "a oneof is removed or renamed",
  levels: codeOnly("ONEOF_NO_DELETE"),
  *find({ old, now }) {
    for (const oneof of old.oneofs) {
      if (now.oneofs.some(({ name }) => name === oneof.name)) continue;
      yield {
        ...typeBreach(old, now),
        subject: `${old.fullName}.${oneof.name}`,
        change: `the oneof ${old.fullName}.${oneof.name} is gone`,
        advice: "programs that ask which of its fields is set no longer build: keep it under its name",
        old: { declaration: oneof },
      };
    }
  },
};

/** A breach when a required field came or went. */
function requiredField(which: "added" | "removed"): Rule<MessageDescriptor> {
  const advice =
    which === "added"
      ? "messages of old programs lack it, and are refused by those that have the new contract: make it optional"
      : "programs with the old contract refuse messages without it: keep it required, or make all readers accept its absence before anybody leaves it out";
  return {
    code: `required-field-${which}`,
    about:
      which === "added"
        ? "a field is new and required, or becomes required"
        : "a required field goes, or becomes optional",
    levels: everywhere("MESSAGE_SAME_REQUIRED_FIELDS"),
    *find({ old, now }) {
      const [have, lack] = which === "added" ? [now, old] : [old, now];
      for (const field of have.fields) {
        if (field.required !== true) continue;
        const other = lack.fields.find(({ number }) => number === field.number);
        if (other?.required === true) continue;
        const [before, after] = which === "added" ? [other, field] : [field, other];
        yield {
          ...typeBreach(old, now),
          subject: `${old.fullName}.${field.name}`,
          change: `${old.fullName}.${field.name} (field ${field.number}) ${describeRequired(which, other !== undefined)}`,
          advice,
          old: { declaration: before ?? old },
          now: { declaration: after ?? now },
        };
      }
    },
  };
}

function describeRequired(which: "added" | "removed", inBoth: boolean): string {
  if (which === "added") return inBoth ? "is required now" : "is new and required";
  return inBoth ? "is no longer required" : "was required and is gone";
}

const extensionRangeRemoved: Rule<MessageDescriptor> = {
  code: "extension-range-removed",
  about: "numbers of a message are no longer open to extensions",
  levels: codeOnly("EXTENSION_MESSAGE_NO_DELETE"),
  *find({ old, now }) {
    const rangesOf = ({ extensionRanges = [] }: MessageDescriptor) =>
      extensionRanges.map(({ from, to }): readonly [number, number] => [from, to]);
    const ranges = missingRanges(rangesOf(old), rangesOf(now));
    if (ranges.length === 0) return;
    yield {
      ...typeBreach(old, now),
      change: `extensions of ${old.fullName} can no longer have the numbers ${joinWords(ranges.map(formatRange))}`,
      advice: "files that extend it there no longer compile: keep the range",
    };
  },
};

const accessorRemoved: Rule<MessageDescriptor> = {
  code: "message-descriptor-accessor-removed",
  about: "option no_standard_descriptor_accessor is set",
  levels: codeOnly("MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR"),
  *find({ old, now }) {
    const option = "no_standard_descriptor_accessor";
    if (getOption(old.options, option) === true || getOption(now.options, option) !== true) return;
    yield {
      ...typeBreach(old, now),
      change: `${old.fullName} has no descriptor() any more`,
      advice: `C++ and Java programs that call it no longer build: leave ${option} away`,
      now: { declaration: now, option },
    };
  },
};

export const messageRules: readonly Rule<MessageDescriptor>[] = [
  fieldRemoved,
  numberFreed,
  nameFreed,
  reservedRemoved("message", "field"),
  requiredField("added"),
  requiredField("removed"),
  oneofRemoved,
  extensionRangeRemoved,
  jsonFormatChanged("message"),
  accessorRemoved,
];
