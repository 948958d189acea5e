// Marshal layer, builder: protobuf's rules for names and numbers, checked when a contract is defined.
import { Writer } from "../../bytes/writer.ts";
import { LocalNames } from "../../idl/names.ts";
import { MarshalError } from "../errors.ts";
import { scalarWires } from "../scalar-wires.ts";
import type { Wire } from "../wire.ts";
import type { MessageOptions } from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import type { Field, Oneof } from "./fields.ts";
import { isAmong, numbersOf } from "./ranges.ts";
import type { FieldRecord } from "./shapes.ts";

const fullNamePattern = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const localNamePattern = /^[a-z][A-Za-z0-9]*\$*$/;
/** Properties that every object has, or that make it something else: only with `$` behind. */
const takenNames: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), "then"]);
const maxFieldNumber = 0x1fff_ffff;
/** Kept by protobuf for its own implementation. */
const keptNumbers = [19_000, 19_999] as const;

/** Refuses what is not a name such as `dirs.MakeDirArgs`. */
export function assertFullName(name: string): void {
  if (typeof name === "string" && fullNamePattern.test(name)) return;
  throw new DefinitionError(
    "bad-name",
    String(name),
    "expected letters, digits and _ with dots between, such as dirs.Entry",
  );
}

/** Refuses what cannot be a property of a message or service. */
export function assertLocalName(name: string, owner: string): void {
  if (!localNamePattern.test(name)) {
    throw new DefinitionError(
      "bad-name",
      `${owner}.${name}`,
      "expected lowerCamelCase: a small letter, then letters and digits",
    );
  }
  if (takenNames.has(name)) {
    throw new DefinitionError("bad-name", `${owner}.${name}`, `every object has a ${name} already; write ${name}$`);
  }
}

/** The name that a property has in a `.proto`: `isDirectory` -> `is_directory`. */
export function protoNameOf(localName: string): string {
  return localName.replace(/\$+$/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Refuses fields that break protobuf's rules. */
export function assertFields(
  fullName: string,
  fields: FieldRecord,
  { reserved = {}, extensions: ranges = [] }: MessageOptions,
): void {
  const extensions = numbersOf(ranges);
  const names = new Set<string>();
  const numbers = new Map<number, string>();
  const assertName = (localName: string): void => {
    assertLocalName(localName, fullName);
    const name = protoNameOf(localName);
    const subject = `${fullName}.${localName}`;
    if (localName !== new LocalNames().ofField(name)) {
      throw new DefinitionError("bad-name", subject, "one $ goes behind names that every object has, and no other");
    }
    if (names.has(name)) throw new DefinitionError("duplicate", subject, `another field is called ${name} in a .proto`);
    if (reserved.names?.includes(name)) throw new DefinitionError("reserved", subject, `the name ${name} is reserved`);
    names.add(name);
  };
  const assertField = (localName: string, field: Field | Oneof, knows = false): void => {
    assertName(localName);
    const subject = `${fullName}.${localName}`;
    if (field.kind === "oneof") {
      if (Object.keys(field.fields).length === 0)
        throw new DefinitionError("bad-type", subject, "a oneof needs a field");
      for (const [kind, member] of Object.entries(field.fields)) assertMember(kind, member);
      return;
    }
    assertNumber(field.number, subject);
    assertDefault(field, subject, field.optional || knows);
    assertEnum(field, subject, knows);
    if (field.delimited === true && field.cardinality === "map") {
      throw new DefinitionError("bad-type", subject, "the values of a map cannot be delimited");
    }
    const taken = numbers.get(field.number);
    if (taken !== undefined) {
      throw new DefinitionError("duplicate", subject, `${taken} has the number ${field.number} already`);
    }
    if (isAmong(field.number, reserved.numbers ?? [])) {
      throw new DefinitionError("reserved", subject, `the number ${field.number} is reserved`);
    }
    if (isAmong(field.number, extensions)) {
      throw new DefinitionError("reserved", subject, `the number ${field.number} is set aside for extensions`);
    }
    numbers.set(field.number, localName);
  };
  const assertMember = (kind: string, member: Field): void => {
    if (member.kind !== "field" || member.cardinality !== "singular" || member.optional) {
      throw new DefinitionError(
        "bad-type",
        `${fullName}.${kind}`,
        "a field of a oneof is neither repeated, map nor optional",
      );
    }
    assertField(kind, member, true);
  };
  for (const [localName, field] of Object.entries(fields)) assertField(localName, field);
}

/** Refuses a default where no field is read as it, and one that the field cannot hold. `knows`: whether it is set is known. */
export function assertDefault(field: Field, subject: string, knows: boolean): void {
  const { content, cardinality, options } = field;
  const value = options.default;
  if (value === undefined) return;
  if (!knows || cardinality !== "singular") {
    throw new DefinitionError("bad-type", subject, "a default is for what knows its absence: write optional(...)");
  }
  if (content.kind === "type" && content.isKnown !== true) return;
  const wire = content.kind === "scalar" ? (scalarWires[content.scalar] as Wire) : content.find().wire;
  if (content.kind === "type" && content.find().kind === "message") {
    throw new DefinitionError("bad-type", subject, "a message has no default");
  }
  try {
    (wire as Wire).write(new Writer(), 0, 0, value, "", 0);
  } catch (error) {
    if (!(error instanceof MarshalError)) throw error;
    throw new DefinitionError("bad-type", subject, `its default cannot be its value: ${error.message}`);
  }
}

/** Refuses closed enums where protobuf has no place for them, as far as they are known yet. */
function assertEnum(field: Field, subject: string, knows: boolean): void {
  if (field.content.kind !== "type" || field.content.isKnown !== true) return;
  const type = field.content.find();
  const complaint = enumComplaint({ ...field, optional: field.optional || knows }, type);
  if (complaint !== undefined) throw new DefinitionError("bad-type", subject, complaint);
}

/** What is wrong with a closed enum as what a field holds. */
export function enumComplaint(
  { cardinality, optional }: Pick<Field, "cardinality" | "optional">,
  type: { readonly kind: string; readonly closed?: boolean; readonly values?: { readonly [name: string]: number } },
): string | undefined {
  if (type.kind !== "enum" || type.closed !== true || cardinality === "repeated") return undefined;
  if (cardinality === "singular") {
    return optional ? undefined : "a field of a closed enum must know its presence: write optional(...)";
  }
  if (Object.values(type.values ?? {})[0] === 0) return undefined;
  return "a map's enum must begin with 0: an entry that lacks its value is read as that";
}

/** Refuses what cannot be the number of a field; `max` is the highest. */
export function assertNumber(number: number, subject: string, max = maxFieldNumber): void {
  const legal =
    Number.isInteger(number) && number >= 1 && number <= max && !(number >= keptNumbers[0] && number <= keptNumbers[1]);
  if (legal) return;
  const range = `1 to ${max} without ${keptNumbers[0]} to ${keptNumbers[1]}`;
  throw new DefinitionError("bad-number", subject, `${number} is no field number: expected ${range}`);
}
