// IDL layer: `service` and its methods. https://protobuf.dev/reference/protobuf/proto3-spec/#service_definition
import type { MethodNode, NameNode, OptionNode, ServiceNode } from "../syntax-tree.ts";
import type { Cursor } from "./cursor.ts";
import { parseOptionStatement } from "./option.ts";

/** A service, with the word `service` next. */
export function parseService(cursor: Cursor): ServiceNode {
  const before = cursor.leadingComments();
  cursor.expect("service", "");
  const name = cursor.takeName("the service's name");
  cursor.expect("{", `after "service ${name.text}"`);
  const comments = { ...before, ...cursor.trailingComment() };
  const methods: MethodNode[] = [];
  const options: OptionNode[] = [];
  cursor.block(`service ${name.text}`, () => {
    if (cursor.takeIf(";")) return;
    if (cursor.is("option")) options.push(parseOptionStatement(cursor));
    else if (cursor.is("rpc")) methods.push(parseMethod(cursor));
    else cursor.failExpected('"rpc", "option" or "}"');
  });
  return { name, methods, options, comments };
}

function parseMethod(cursor: Cursor): MethodNode {
  const before = cursor.leadingComments();
  cursor.expect("rpc", "");
  const name = cursor.takeName("the method's name");
  const input = parseSide(cursor, "after the method's name");
  cursor.expect("returns", "after the method's input");
  const output = parseSide(cursor, 'after "returns"');
  const options: OptionNode[] = [];
  let trailing = {};
  const braced = cursor.takeIf("{");
  if (braced) {
    trailing = cursor.trailingComment();
    cursor.block(`rpc ${name.text}`, () => {
      if (cursor.takeIf(";")) return;
      if (!cursor.is("option")) cursor.failExpected('"option" or "}"');
      options.push(parseOptionStatement(cursor));
    });
  } else {
    cursor.expectEnd("after the method");
    trailing = cursor.trailingComment();
  }
  return {
    name,
    input: input.type,
    output: output.type,
    clientStreaming: input.streaming,
    serverStreaming: output.streaming,
    options,
    braced,
    comments: { ...before, ...trailing },
  };
}

function parseSide(cursor: Cursor, where: string): { readonly type: NameNode; readonly streaming: boolean } {
  cursor.expect("(", where);
  const streaming = cursor.takeIf("stream");
  const type = cursor.takeDottedName("a message type", true);
  cursor.expect(")", "after the message type");
  return { type, streaming };
}
