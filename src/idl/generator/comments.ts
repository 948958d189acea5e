// IDL layer, generator: comments of a `.proto` as JSDoc.
import type { Comments, Options } from "../descriptor.ts";

/** The JSDoc of a declaration, ending in a line break, or `""` when there is nothing to say. */
export function formatComments(comments: Comments, options: Options = {}, indent = ""): string {
  const lines = [comments.leading, comments.trailing]
    .filter((text) => text !== undefined)
    .flatMap((text) => text.trim().split("\n"))
    .map((line) => line.trimEnd().replace(/^ /, "").replaceAll("*/", "*\\/"));
  if (options["deprecated"] === true) lines.push("@deprecated");
  if (lines.length === 0 || lines.every((line) => line === "")) return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}
