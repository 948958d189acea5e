// Marshal layer, text format: fields that the schema lacks. They are read by the grammar alone, to find their end.
import type { TextCursor } from "./cursor.ts";

/** What is between brackets, `[dirs.owner]` or `[type.googleapis.com/dirs.Entry]`; the opening one was taken. */
export function takeBracketName(cursor: TextCursor): string {
  let name = "";
  while (!cursor.is("]")) {
    const { kind, text } = cursor.token;
    if (kind === "string" || kind === "end" || (kind === "symbol" && !/[-./_~%!$&*+]/.test(text))) {
      cursor.failExpected('"]" after the name');
    }
    name += cursor.take().text;
  }
  cursor.take();
  return name;
}

/** Moves past what stands behind a field's name. `depth` counts the messages around it. */
export function skipValue(cursor: TextCursor, depth: { readonly left: number }): void {
  const colon = cursor.takeIf(":");
  if (!colon && !cursor.is("{") && !cursor.is("<") && !cursor.is("[")) cursor.failExpected('":"');
  if (!cursor.takeIf("[")) skipOne(cursor, depth, colon);
  else if (!cursor.takeIf("]")) {
    do skipOne(cursor, depth, colon);
    while (cursor.takeIf(","));
    cursor.expect("]", "after the list");
  }
}

function skipOne(cursor: TextCursor, { left }: { readonly left: number }, scalars: boolean): void {
  const close = cursor.takeIf("{") ? "}" : cursor.takeIf("<") ? ">" : undefined;
  if (close === undefined) {
    if (!scalars) cursor.failExpected('"{"');
    skipScalar(cursor);
    return;
  }
  if (left <= 0) cursor.fail("too-deep", "more messages within messages than the limit allows");
  while (!cursor.takeIf(close)) {
    if (cursor.takeIf("[")) takeBracketName(cursor);
    else if (cursor.token.kind === "name" || cursor.token.kind === "integer") cursor.take();
    else cursor.failExpected(`the name of a field or "${close}"`);
    skipValue(cursor, { left: left - 1 });
    if (!cursor.takeIf(",")) cursor.takeIf(";");
  }
}

function skipScalar(cursor: TextCursor): void {
  if (cursor.token.kind === "string") {
    while (cursor.token.kind === "string") cursor.take();
    return;
  }
  cursor.takeIf("-");
  const { kind } = cursor.token;
  if (kind !== "name" && kind !== "integer" && kind !== "float") cursor.failExpected("a value");
  cursor.take();
}
