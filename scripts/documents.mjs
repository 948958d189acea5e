// What scripts that write pages of docs/ from the code have in common.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** A table of Markdown; its cells stand in columns only as far as they are short. */
export function formatTable(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map((name) => "-".repeat(Math.max(3, name.length)))) + rows.map(line).join("");
}

/** Writes a page, or with `--check` says whether it would change, by the exit status too. */
export function put(file, text) {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (before === text) return;
  if (process.argv.includes("--check")) {
    console.error(`${file} is not what the code says; run: node ${process.argv[1].replace(`${process.cwd()}/`, "")}`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(file, text);
  console.log(`${file} written`);
}
