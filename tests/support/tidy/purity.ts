// Tidy checker: what the pure layers must not touch, by name, and what they use instead (DESIGN, section 2).
import { isNode, type Node, type Source, type Violation, walk } from "./source.ts";

const timers = "take Timers from the machine (src/host)";
const turns = "take Turn from the machine (src/host)";
const clock = "take Clock from the machine (src/host)";
const chance = "take Random from the machine (src/host)";
const network = "take Network from the machine (src/host)";
const bytes = "use Uint8Array, and src/bytes/text.ts for text";

/** Global names, and what a pure layer uses instead. */
const bannedNames: ReadonlyMap<string, string> = new Map([
  ["Buffer", bytes],
  ["process", "take what you need from the machine (src/host)"],
  ["console", "return it, throw it, or offer a tap"],
  ["Date", clock],
  ["performance", clock],
  ["setTimeout", timers],
  ["clearTimeout", timers],
  ["setInterval", timers],
  ["clearInterval", timers],
  ["setImmediate", turns],
  ["clearImmediate", turns],
  ["queueMicrotask", turns],
  ["crypto", chance],
  ["fetch", network],
  ["WebSocket", network],
  ["CompressionStream", "take Compression from the machine (src/host)"],
  ["DecompressionStream", "take Compression from the machine (src/host)"],
  ["NodeJS", "write the type you mean"],
  ["require", "import it"],
]);

/** Members of global objects that are fine otherwise. */
const bannedMembers: ReadonlyMap<string, string> = new Map([
  ["Math.random", chance],
  ["AbortSignal.timeout", timers],
]);

const impureLayers = ["src/net/", "src/cli/", "src/index.ts"];
/** The one pure file that may find `Buffer` on `globalThis`. */
const bufferFile = "src/bytes/native.ts";

/** The one pure file that turns a `Date`, which it is given, into a message and back; it reads no clock. */
const dateFile = "src/well-known/timestamp.ts";

/** Properties that hold a name which refers to nothing. */
const namePositions: ReadonlyMap<string, string> = new Map([
  ["MemberExpression", "property"],
  ["Property", "key"],
  ["MethodDefinition", "key"],
  ["PropertyDefinition", "key"],
  ["TSPropertySignature", "key"],
  ["TSMethodSignature", "key"],
  ["TSQualifiedName", "right"],
  ["TSNamedTupleMember", "label"],
  ["ImportSpecifier", "imported"],
  ["ExportSpecifier", "exported"],
]);

function isReference(parent: Node | undefined, key: string): boolean {
  if (parent === undefined || namePositions.get(parent.type) !== key) return true;
  return parent["computed"] === true;
}

/** The text `object.member` of a member expression over plain names, also when written with brackets. */
function memberText(node: Node): string | undefined {
  const { object, property, computed } = node;
  if (!isNode(object) || !isNode(property) || object.type !== "Identifier") return undefined;
  const member = computed === true ? property["value"] : property["name"];
  return typeof member === "string" ? `${String(object["name"])}.${member}` : undefined;
}

function bannedUse(node: Node, parent: Node | undefined, key: string): { what: string; fix: string } | undefined {
  if (node.type === "Identifier" && isReference(parent, key)) {
    const name = String(node["name"]);
    const fix = bannedNames.get(name);
    return fix === undefined ? undefined : { what: `names ${name}`, fix };
  }
  if (node.type !== "MemberExpression") return undefined;
  const text = memberText(node);
  if (text === undefined) return undefined;
  const ofGlobal = text.startsWith("globalThis.") ? text.slice("globalThis.".length) : undefined;
  const fix = bannedMembers.get(text) ?? (ofGlobal === undefined ? undefined : bannedNames.get(ofGlobal));
  return fix === undefined ? undefined : { what: `names ${text}`, fix };
}

/** Whether a use of `Date` may ask what time it is: any but a type, and `new Date(...)` of something. */
function readsClock(parent: Node | undefined): boolean {
  if (parent?.type === "TSTypeReference") return false;
  return parent?.type !== "NewExpression" || (parent["arguments"] as readonly unknown[]).length === 0;
}

/** Checks one file; tests and the impure layers pass. */
export function checkPurity(source: Source): Violation[] {
  const { path, isTest } = source;
  if (!path.startsWith("src/") || isTest || impureLayers.some((layer) => path.startsWith(layer))) return [];
  const violations: Violation[] = [];
  for (const { specifier, line } of source.imports) {
    if (!specifier.startsWith("node:")) continue;
    violations.push({ file: path, line, what: `imports ${specifier}`, fix: "take it from the machine (src/host)" });
  }
  walk(source.program, (node, parent, key) => {
    const use = bannedUse(node, parent, key);
    if (use === undefined || (path === bufferFile && use.what.endsWith("Buffer"))) return;
    if (path === dateFile && use.what === "names Date" && !readsClock(parent)) return;
    violations.push({ file: path, line: source.lineOf(node.start), ...use });
  });
  return violations;
}
