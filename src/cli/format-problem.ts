// The command line: what is wrong with a `.proto` file, as people read it.
import type { SourceError } from "../idl/source-error.ts";
import type { ProtoFolders } from "./proto-folders.ts";
import type { Output } from "./terminal.ts";

/** The problem with its file named as it lies on the disk, and where a missing import was seen nearby. */
export function formatProblem(error: SourceError, folders: ProtoFolders, output: Output): string {
  const [, ...rest] = error.format().split("\n");
  const place = `${folders.find(error.file) ?? error.file}:${error.line}:${error.column}:`;
  const colour = error.severity === "warning" ? "yellow" : "red";
  const lines = [`${output.style("bold", place)} ${output.style(colour, error.severity)}: ${error.sentence}`, ...rest];
  if (error.code === "import-not-found" && error.found !== undefined) {
    const folder = folders.suggestFor(error.found, error.file);
    if (folder !== undefined) lines.push(`it would be found with --proto-path ${folder}`);
  }
  return lines.join("\n");
}
