// Tidy checker: rules of style for one file at a time (STYLE, house rules).
import { isNode, type Node, type Source, type TreeFile, type Violation, walk } from "./source.ts";

const maxLines = 400;

type Report = (at: Node | number, what: string, fix: string) => void;

/** Checks one parsed file. */
export function checkHabits(source: Source): Violation[] {
  const violations: Violation[] = [];
  const report: Report = (at, what, fix) => {
    const line = typeof at === "number" ? at : source.lineOf(at.start);
    violations.push({ file: source.path, line, what, fix });
  };
  checkShape(source, report);
  checkComments(source, report);
  const ofSrc = source.path.startsWith("src/") && !source.isTest;
  walk(source.program, (node, parent, key) => {
    checkAny(source, node, report);
    if (node.type === "ExportAllDeclaration") report(node, "exports everything of a file", "list the names by hand");
    if (node.type === "ExportDefaultDeclaration") report(node, "has a default export", "give the export a name");
    if (ofSrc && parent?.type === "Program" && key === "body") checkModuleState(node, report);
    if (source.isTest) checkSkipped(node, report);
  });
  return violations;
}

function checkShape(source: Source, report: Report): void {
  const lines = source.text.split("\n").length - 1;
  if (lines > maxLines) report(lines, `has ${lines} lines`, `split it by idea; ${maxLines} is the most`);
  const needsHeader = !source.isTest && !source.path.endsWith("/index.ts") && !source.path.startsWith("tests/types/");
  const text = source.text.replace(/^#!.*\n/, "");
  if (needsHeader && !text.startsWith("//") && !text.startsWith("/*")) {
    report(1, "does not say what it is", "open it with two to five lines: place, what it never does, specification");
  }
}

function checkComments(source: Source, report: Report): void {
  for (const { text, line } of source.comments) {
    const mark = /\b(TODO|FIXME|XXX|HACK)\b/.exec(text);
    if (mark !== null) report(line, `has a ${mark[1]}`, "do it now, or write the reason why it is not done");
  }
}

function checkAny(source: Source, node: Node, report: Report): void {
  if (node.type !== "TSAnyKeyword") return;
  const line = source.lineOf(node.start);
  const excused = source.comments.some(
    (comment) => comment.line < line && comment.line >= line - 2 && /noExplicitAny: \S/.test(comment.text),
  );
  if (!excused) report(line, "says any", "say unknown and narrow it, or the type");
}

/** State of a module is shared by everyone who imports it: a simulation could not have two of it. */
function checkModuleState(statement: Node, report: Report): void {
  const declared = statement.type === "ExportNamedDeclaration" ? statement["declaration"] : statement;
  if (!isNode(declared) || declared.type !== "VariableDeclaration") return;
  const fix = "keep it in an object that someone creates";
  if (declared["kind"] !== "const") report(statement, "has a variable at module level", fix);
  for (const declarator of declared["declarations"] as Node[]) {
    const { init, id } = declarator;
    if (!isNode(init) || init.type !== "NewExpression" || !isNode(init["callee"])) continue;
    const isEmptyContainer = /^(Weak)?(Map|Set)$/.test(String(init["callee"]["name"]));
    const hasContent = (init["arguments"] as Node[]).length > 0;
    const saysReadonly = isNode(id) && isNode(id["typeAnnotation"]);
    if (isEmptyContainer && !hasContent && !saysReadonly)
      report(declarator, "has an empty container at module level", fix);
  }
}

function checkSkipped(node: Node, report: Report): void {
  const fix = "run it, or skip with the reason as text";
  if (node.type === "CallExpression" && isNode(node["callee"]) && node["callee"].type === "MemberExpression") {
    const { object, property } = node["callee"];
    const name = isNode(property) ? property["name"] : undefined;
    const onRunner = isNode(object) && /^(test|it|describe|suite)$/.test(String(object["name"]));
    if (onRunner && /^(skip|only|todo)$/.test(String(name))) report(node, `calls ${String(name)}`, fix);
    else if (name === "skip" && (node["arguments"] as Node[]).length === 0) report(node, "skips without a reason", fix);
  }
  if (node.type === "Property" && isNode(node["key"]) && isNode(node["value"])) {
    const name = String(node["key"]["name"]);
    if (/^(skip|only|todo)$/.test(name) && node["value"]["value"] === true) report(node, `says ${name}: true`, fix);
  }
}

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
const shouted = new Set(["README.md", "LICENSE", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]);

/** Checks the names of a path: folders and file, kebab-case. Dot files keep the names that their tools ask for. */
export function checkName(path: string): Violation[] {
  const wrong = path.split("/").find((part) => !part.startsWith(".") && !kebabCase.test(part) && !shouted.has(part));
  if (wrong === undefined) return [];
  return [{ file: path, line: 1, what: `is called ${wrong}`, fix: "name it for the one thing inside, in kebab-case" }];
}

/** Checks any text file for traces of the machine it was written on. */
export function checkTraces(file: TreeFile): Violation[] {
  const violations: Violation[] = [];
  file.text.split("\n").forEach((text, index) => {
    const trace = /(?<![\w.:/])\/(?:work|root|home|Users)\/[\w.-]+/.exec(text);
    if (trace !== null) {
      violations.push({ file: file.path, line: index + 1, what: `names ${trace[0]}`, fix: "no path of one machine" });
    }
    if (file.path === "package-lock.json" && /"resolved": "http/.test(text)) {
      violations.push({ file: file.path, line: index + 1, what: "has a download address", fix: "run the lock script" });
    }
  });
  return violations;
}
