// IDL layer: options as they are written: `option a.(b) = value;`, `[a = value, ...]`, and message values in protobuf's
// text format (https://protobuf.dev/reference/protobuf/textformat-spec/). What the names and values mean is the linker's.
import { maxNumberChars } from "../lexer.ts";
import type { EntryNode, OptionNode, OptionPartNode, ValueNode } from "../syntax-tree.ts";
import type { Cursor } from "./cursor.ts";

/** `option name = value;`, with its first word next. */
export function parseOptionStatement(cursor: Cursor): OptionNode {
  cursor.expect("option", "");
  const option = parseOption(cursor);
  cursor.expectEnd("after the option");
  return option;
}

/** `[name = value, ...]`, if one is next. */
export function parseOptionList(cursor: Cursor): OptionNode[] {
  const options: OptionNode[] = [];
  if (!cursor.takeIf("[")) return options;
  do options.push(parseOption(cursor));
  while (cursor.takeIf(","));
  cursor.expect("]", "after the options");
  return options;
}

function parseOption(cursor: Cursor): OptionNode {
  const { at } = cursor;
  const parts: OptionPartNode[] = [];
  do parts.push(parsePart(cursor));
  while (cursor.takeIf("."));
  cursor.expect("=", "after the option's name");
  return { parts, value: parseValue(cursor), at };
}

function parsePart(cursor: Cursor): OptionPartNode {
  const { at } = cursor;
  if (!cursor.takeIf("(")) return { extension: false, text: cursor.takeName("the option's name").text, at };
  const { text } = cursor.takeDottedName("the name of an option's extension", true);
  cursor.expect(")", "after the extension's name");
  return { extension: true, text, at };
}

/** The value of an option: one word, number or string, or a whole message. */
function parseValue(cursor: Cursor): ValueNode {
  const { at } = cursor;
  if (cursor.is("[")) {
    cursor.failExpected("a value", "for the option", "a repeated option is set once for each of its values");
  }
  if (cursor.takeIf("{")) return { kind: "message", entries: parseEntries(cursor, "}"), at };
  return parseScalar(cursor, "a value for the option");
}

function parseScalar(cursor: Cursor, what: string): ValueNode {
  const { at } = cursor;
  if (cursor.token.kind === "string") return { kind: "string", bytes: cursor.takeBytes(what).bytes, at };
  const negative = cursor.takeIf("-");
  const { token } = cursor;
  switch (token.kind) {
    case "name":
      cursor.take();
      return { kind: "name", text: token.text, negative, at };
    case "integer": {
      cursor.take();
      const value = parseInteger(token.text);
      const decimal = !/^0./.test(token.text);
      return { kind: "integer", value: negative ? -value : value, negative, decimal, at };
    }
    case "float": {
      cursor.take();
      const value = Number.parseFloat(token.text);
      return { kind: "float", value: negative ? -value : value, at };
    }
    default:
      return cursor.failExpected(negative ? 'a number after "-"' : what);
  }
}

/** A decimal, hexadecimal (`0x`) or octal (`0`) token. One that the lexer has refused already counts as 0. */
export function parseInteger(text: string): bigint {
  if (text.length > maxNumberChars) return 0n;
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`);
  return /^(0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/.test(text) ? BigInt(text) : 0n;
}

function parseEntries(cursor: Cursor, close: string): EntryNode[] {
  const entries: EntryNode[] = [];
  cursor.nested(() => {
    while (!cursor.takeIf(close)) {
      if (cursor.atEnd) cursor.failExpected(`"${close}"`, "to end the option's value");
      entries.push(parseEntry(cursor));
      if (!cursor.takeIf(",")) cursor.takeIf(";");
    }
  });
  return entries;
}

function parseEntry(cursor: Cursor): EntryNode {
  const { at } = cursor;
  const { form, name } = parseEntryName(cursor);
  const colon = cursor.takeIf(":");
  if (!colon && !cursor.is("{") && !cursor.is("<") && !cursor.is("[")) cursor.failExpected('":"', `after "${name}"`);
  return { form, name, colon, value: parseEntryValue(cursor, true), at };
}

function parseEntryName(cursor: Cursor): Pick<EntryNode, "form" | "name"> {
  if (!cursor.takeIf("[")) return { form: "field", name: cursor.takeName("the name of a field").text };
  let name = cursor.takeDottedName("the name of an extension", false).text;
  const isAny = cursor.takeIf("/");
  if (isAny) name += `/${cursor.takeDottedName("the name of a message type", false).text}`;
  cursor.expect("]", "after the name");
  return { form: isAny ? "any" : "extension", name };
}

function parseEntryValue(cursor: Cursor, listAllowed: boolean): ValueNode {
  const { at } = cursor;
  if (cursor.takeIf("{")) return { kind: "message", entries: parseEntries(cursor, "}"), at };
  if (cursor.takeIf("<")) return { kind: "message", entries: parseEntries(cursor, ">"), at };
  if (!listAllowed || !cursor.takeIf("[")) return parseScalar(cursor, "a value");
  const items: ValueNode[] = [];
  if (cursor.takeIf("]")) return { kind: "list", items, at };
  do items.push(parseEntryValue(cursor, false));
  while (cursor.takeIf(","));
  cursor.expect("]", "after the list");
  return { kind: "list", items, at };
}
