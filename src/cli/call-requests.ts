// The command line: the messages of a call, read from JSON: an argument, a file or the standard input.
import { createInterface } from "node:readline";
import type { FieldDescriptor, MessageDescriptor } from "../idl/descriptor.ts";
import { MarshalError } from "../marshal/errors.ts";
import type { MessageType } from "../marshal/types.ts";
import { CommandError, suggest } from "./command.ts";
import type { HeldTypes } from "./held-types.ts";
import { readOptionFile } from "./remote.ts";

/** Where requests come from. */
export type RequestSource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" };

/** What the argument says; without one, one empty message. */
export function requestSource(argument: string | undefined): RequestSource {
  if (argument === undefined) return { kind: "text", text: "{}" };
  if (argument === "-") return { kind: "stdin" };
  return argument.startsWith("@") ? { kind: "file", path: argument.slice(1) } : { kind: "text", text: argument };
}

/** The one message of a call that takes one. Throws a `CommandError`. */
export async function readRequest(source: RequestSource, type: MessageType, types: HeldTypes): Promise<unknown> {
  const text = source.kind === "text" ? source.text : await readAll(source);
  return parse(text, { type, types, place: nameOf(source) });
}

/** The messages of a stream: the argument is one, the rest has one a line, blank lines skipped. Throws a `CommandError` at the first that is wrong. */
export async function* readRequests(
  source: RequestSource,
  type: MessageType,
  types: HeldTypes,
): AsyncGenerator<unknown> {
  if (source.kind === "text") return yield await parse(source.text, { type, types, place: nameOf(source) });
  let number = 0;
  for await (const line of linesOf(source)) {
    number++;
    if (line.trim() !== "") yield await parse(line, { type, types, place: `${nameOf(source)}, line ${number}` });
  }
}

function linesOf(source: Exclude<RequestSource, { kind: "text" }>): AsyncIterable<string> | Iterable<string> {
  if (source.kind === "stdin") return createInterface({ input: process.stdin });
  // Opened here and now, so that a missing file is said as that.
  return splitLines(readOptionFile(source.path));
}

function splitLines(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split(/\r?\n/);
}

async function readAll(source: Exclude<RequestSource, { kind: "text" }>): Promise<string> {
  if (source.kind === "file") return new TextDecoder().decode(readOptionFile(source.path));
  let text = "";
  for await (const part of process.stdin.setEncoding("utf8")) text += part;
  return text;
}

function nameOf(source: RequestSource): string {
  return { text: "the request", file: source.kind === "file" ? source.path : "", stdin: "the standard input" }[
    source.kind
  ];
}

interface Place {
  readonly type: MessageType;
  readonly types: HeldTypes;
  readonly place: string;
}

async function parse(text: string, { type, types, place }: Place): Promise<unknown> {
  try {
    return await types.whileLearning(() => type.fromJsonString(text, { types }));
  } catch (error) {
    if (!(error instanceof MarshalError)) throw error;
    throw new CommandError(`${place} is no ${type.typeName}: ${error.message}${suggestField(type, error)}`);
  }
}

/** The field that an unknown one may be meant for. */
function suggestField(type: MessageType, { code, path }: MarshalError): string {
  if (code !== "unknown-field") return "";
  // Brackets hold indices and keys of maps; neither leads to another message than the field before them.
  const names = path.replace(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, "").split(".");
  const last = names.pop() ?? "";
  let message: MessageDescriptor | undefined = type.descriptor;
  for (const name of names) {
    const field: FieldDescriptor | undefined = message?.fields.find(
      (one) => name === one.jsonName || name === one.name,
    );
    message = field?.type.kind === "message" ? field.type.message : undefined;
  }
  return suggest(last, message?.fields.map(({ jsonName }) => jsonName) ?? []);
}
