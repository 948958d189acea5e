// IDL layer: `message`, its fields, maps and oneofs, and `extend` blocks.
// https://protobuf.dev/reference/protobuf/proto3-spec/#message_definition
import type { Comments } from "../descriptor.ts";
import type {
  EnumNode,
  ExtendNode,
  ExtensionRangeNode,
  FieldNode,
  Label,
  MessageNode,
  NameNode,
  OneofNode,
  OptionNode,
  RangeNode,
} from "../syntax-tree.ts";
import type { Cursor } from "./cursor.ts";
import { parseEnum } from "./enum.ts";
import { parseOptionList, parseOptionStatement } from "./option.ts";
import { maxFieldNumber, parseNumber, parseRange, parseReserved } from "./range.ts";

interface Body {
  readonly fields: FieldNode[];
  readonly oneofs: OneofNode[];
  readonly messages: MessageNode[];
  readonly enums: EnumNode[];
  readonly extends: ExtendNode[];
  readonly reservedRanges: RangeNode[];
  readonly reservedNames: NameNode[];
  readonly extensionRanges: ExtensionRangeNode[];
  readonly options: OptionNode[];
}

const fieldRange = { max: maxFieldNumber, what: "a field number" };

/** A message, with the word `message` next. */
export function parseMessage(cursor: Cursor): MessageNode {
  const before = cursor.leadingComments();
  cursor.expect("message", "");
  const name = cursor.takeName("the message's name");
  cursor.expect("{", `after "message ${name.text}"`);
  return parseMessageBody(cursor, name, before);
}

/** What follows the brace behind a message's name, or behind a group's head. */
function parseMessageBody(cursor: Cursor, name: NameNode, before: Comments): MessageNode {
  const comments = { ...before, ...cursor.trailingComment() };
  const body: Body = {
    fields: [],
    oneofs: [],
    messages: [],
    enums: [],
    extends: [],
    reservedRanges: [],
    reservedNames: [],
    extensionRanges: [],
    options: [],
  };
  cursor.nested(() => cursor.block(`message ${name.text}`, () => parseMember(cursor, body)));
  return { name, ...body, comments };
}

function parseMember(cursor: Cursor, body: Body): void {
  if (cursor.takeIf(";")) return;
  switch (cursor.token.text) {
    case "message":
      body.messages.push(parseMessage(cursor));
      return;
    case "enum":
      body.enums.push(parseEnum(cursor));
      return;
    case "oneof":
      parseOneof(cursor, body);
      return;
    case "extend":
      body.extends.push(parseExtend(cursor));
      return;
    case "option":
      body.options.push(parseOptionStatement(cursor));
      return;
    case "reserved":
      parseReserved(cursor, fieldRange, body);
      return;
    case "extensions":
      parseExtensionRanges(cursor, body);
      return;
    default:
      body.fields.push(parseField(cursor, { place: "message", oneof: undefined }));
  }
}

interface FieldPlace {
  readonly place: "message" | "oneof" | "extend";
  readonly oneof: OneofNode | undefined;
}

function parseField(cursor: Cursor, { place, oneof }: FieldPlace): FieldNode {
  const before = cursor.leadingComments();
  const labelAt = cursor.at;
  const label = parseLabel(cursor, place);
  if (cursor.is("group")) return parseGroup(cursor, { place, oneof, label, labelAt, before });
  const isMap = cursor.is("map") && cursor.isSecond("<");
  if (isMap && (label !== undefined || place !== "message")) refuseMap(cursor, label, place);
  if (!isMap && label === undefined && cursor.syntax === "proto2" && place !== "oneof") {
    cursor.failExpected('"optional", "repeated" or "required"', "before a field of a proto2 file");
  }
  const mapKey = isMap ? parseMapKey(cursor) : undefined;
  const type = cursor.takeDottedName(isMap ? "the type of the map's values" : "a field's type", true);
  if (!isMap && type.text.startsWith("map.")) refuseMapScope(cursor, type);
  if (isMap) cursor.expect(">", "after the map's types");
  const name = cursor.takeName("the field's name");
  cursor.expect("=", "and a number after the field's name");
  const number = parseNumber(cursor, "the field's number");
  const options = parseOptionList(cursor);
  cursor.expectEnd("after the field");
  const comments = { ...before, ...cursor.trailingComment() };
  return { label, labelAt, type, mapKey, group: undefined, name, number, oneof, options, comments };
}

interface GroupStart extends FieldPlace {
  readonly label: Label | undefined;
  readonly labelAt: number;
  readonly before: Comments;
}

/** `group Name = 1 { ... }`, with the word next: a message and a field of it in one. Only proto2 has it. */
function parseGroup(cursor: Cursor, { place, oneof, label, labelAt, before }: GroupStart): FieldNode {
  if (cursor.syntax !== "proto2") {
    cursor.fail({
      code: "unsupported-syntax",
      sentence: `${cursor.syntax === "proto3" ? "proto3 has" : "editions have"} no groups`,
      found: "group",
      hint:
        cursor.syntax === "proto3"
          ? "write a nested message and a field of its type"
          : "write a nested message and a field of its type with [features.message_encoding = DELIMITED]",
    });
  }
  if (label === undefined && place !== "oneof") {
    cursor.failExpected('"optional", "repeated" or "required"', "before a group");
  }
  cursor.expect("group", "");
  const type = cursor.takeName("the group's name");
  if (!/^[A-Z]/.test(type.text)) {
    cursor.report(
      {
        code: "bad-group",
        sentence: `the group "${type.text}" must begin with a capital letter: it names a message, and its field is the same in lower case`,
        found: type.text,
      },
      type.at,
    );
  }
  cursor.expect("=", "and a number after the group's name");
  const number = parseNumber(cursor, "the group's number");
  const options = parseOptionList(cursor);
  cursor.expect("{", `after "group ${type.text}"`);
  const group = parseMessageBody(cursor, type, before);
  const name = { text: type.text.toLowerCase(), at: type.at };
  return { label, labelAt, type, mapKey: undefined, group, name, number, oneof, options, comments: group.comments };
}

function parseLabel(cursor: Cursor, place: FieldPlace["place"]): Label | undefined {
  const { text, kind } = cursor.token;
  if (kind !== "name" || (text !== "optional" && text !== "required" && text !== "repeated")) return undefined;
  if (cursor.syntax === "editions" && text !== "repeated" && place !== "oneof") {
    cursor.fail({
      code: "bad-label",
      sentence: `editions have no label "${text}"`,
      found: text,
      hint:
        text === "optional"
          ? 'leave "optional" out: fields know whether they are set, unless features.field_presence says otherwise'
          : "write [features.field_presence = LEGACY_REQUIRED] behind the number",
    });
  }
  if (place === "oneof") {
    cursor.fail({
      code: "bad-label",
      sentence: `a field of a oneof cannot be "${text}"`,
      found: text,
      hint:
        text === "repeated"
          ? "put the repeated field into a message of its own"
          : `leave "${text}" out: it knows whether it is set`,
    });
  }
  if (text === "required" && cursor.syntax === "proto3") {
    cursor.fail({
      code: "bad-label",
      sentence: 'proto3 has no "required" fields',
      found: text,
      hint: 'leave "required" out',
    });
  }
  cursor.take();
  return text;
}

function refuseMap(cursor: Cursor, label: Label | undefined, place: FieldPlace["place"]): never {
  const sentence =
    label !== undefined
      ? `a map cannot be "${label}"`
      : place === "oneof"
        ? "a map cannot be a member of a oneof"
        : "an extension cannot be a map";
  return cursor.fail({ code: "bad-map", sentence, found: "map", hint: "put the map into a message of its own" });
}

/** `map` begins a map, in every place where a field may begin. */
function refuseMapScope(cursor: Cursor, { text, at }: NameNode): void {
  const hint = `write ".${text}" with all that is around it`;
  cursor.report({ code: "bad-map", sentence: `"${text}" begins like a map`, found: text, hint }, at);
}

function parseMapKey(cursor: Cursor): NameNode {
  cursor.take();
  cursor.take();
  const key = cursor.takeDottedName("the type of the map's keys", true);
  cursor.expect(",", "between the map's types");
  return key;
}

function parseOneof(cursor: Cursor, body: Body): void {
  const before = cursor.leadingComments();
  cursor.expect("oneof", "");
  const name = cursor.takeName("the oneof's name");
  cursor.expect("{", `after "oneof ${name.text}"`);
  const options: OptionNode[] = [];
  const oneof: OneofNode = { name, options, comments: { ...before, ...cursor.trailingComment() } };
  body.oneofs.push(oneof);
  const countBefore = body.fields.length;
  const errorsBefore = cursor.problems.errors.length;
  cursor.block(`oneof ${name.text}`, () => {
    if (cursor.takeIf(";")) return;
    if (cursor.is("option")) options.push(parseOptionStatement(cursor));
    else body.fields.push(parseField(cursor, { place: "oneof", oneof }));
  });
  if (body.fields.length > countBefore || cursor.problems.errors.length > errorsBefore) return;
  cursor.report({ code: "empty-oneof", sentence: `oneof "${name.text}" has no fields` }, name.at);
}

/** An `extend` block, with its word next. */
export function parseExtend(cursor: Cursor): ExtendNode {
  cursor.expect("extend", "");
  const extendee = cursor.takeDottedName("the message to extend", true);
  cursor.expect("{", `after "extend ${extendee.text}"`);
  const fields: FieldNode[] = [];
  const errorsBefore = cursor.problems.errors.length;
  cursor.block(`extend ${extendee.text}`, () => {
    if (!cursor.takeIf(";")) fields.push(parseField(cursor, { place: "extend", oneof: undefined }));
  });
  if (fields.length === 0 && cursor.problems.errors.length === errorsBefore) {
    cursor.report({ code: "bad-extension", sentence: "this block extends by nothing" }, extendee.at);
  }
  return { extendee, fields };
}

function parseExtensionRanges(cursor: Cursor, body: Body): void {
  if (cursor.syntax === "proto3") {
    cursor.fail({
      code: "bad-extension",
      sentence: "proto3 messages have no extension ranges",
      found: "extensions",
      hint: "use google.protobuf.Any, or a map, for what is not known yet",
    });
  }
  cursor.expect("extensions", "");
  const ranges: RangeNode[] = [];
  do ranges.push(parseRange(cursor, fieldRange));
  while (cursor.takeIf(","));
  const options = parseOptionList(cursor);
  cursor.expectEnd("after the extension numbers");
  for (const range of ranges) body.extensionRanges.push({ ...range, options });
}
