// The house rules, held against the real tree, and the checker held against planted violations.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkTree, formatViolation, readTree } from "./support/tidy/tree.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the tree keeps the house rules", () => {
  const violations = checkTree(readTree(root)).map(formatViolation);
  assert.equal(violations.length, 0, `\n${violations.join("\n")}\n`);
});

test("the package has no dependencies", () => {
  const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { dependencies?: object };
  assert.deepEqual(manifest.dependencies ?? {}, {});
});

/** What the checker says about files given as `path` and code; each file gets the header that every file must have. */
function violationsOf(files: Readonly<Record<string, string>>): string[] {
  const tree = Object.entries(files).map(([path, code]) => ({ path, text: `// A planted file.\n${code}\n` }));
  return checkTree(tree).map(formatViolation);
}

const planted: readonly {
  readonly rule: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: RegExp;
}[] = [
  {
    rule: "a layer imports one above it",
    files: {
      "src/bytes/a.ts": 'import { b } from "../host/b.ts";\nb();',
      "src/host/b.ts": "export const b = () => {};",
    },
    says: /^src\/bytes\/a\.ts:2: imports src\/host\/b\.ts; .*bytes lies below host/,
  },
  {
    rule: "a type import reaches upward",
    files: {
      "src/idl/a.ts": 'export type A = import("../marshal/b.ts").B;',
      "src/marshal/b.ts": "export type B = string;",
    },
    says: /^src\/idl\/a\.ts:2: imports src\/marshal\/b\.ts; .*idl lies below marshal/,
  },
  {
    rule: "rpc imports http2",
    files: { "src/rpc/a.ts": 'import "../http2/b.ts";', "src/http2/b.ts": "" },
    says: /^src\/rpc\/a\.ts:2: imports src\/http2\/b\.ts; .*another HTTP version/,
  },
  {
    rule: "rpc imports a protocol",
    files: { "src/rpc/a.ts": 'import "../protocols/grpc/b.ts";', "src/protocols/grpc/b.ts": "" },
    says: /^src\/rpc\/a\.ts:2: imports src\/protocols\/grpc\/b\.ts; .*rpc lies below protocols/,
  },
  {
    rule: "a protocol imports its sibling",
    files: {
      "src/protocols/grpc/a.ts": 'export { b } from "../connect/b.ts";',
      "src/protocols/connect/b.ts": "export const b = 1;",
    },
    says: /protocols do not know each other/,
  },
  {
    rule: "a layer imports the real machine",
    files: { "src/sim/a.ts": 'import "../net/b.ts";', "src/net/b.ts": "" },
    says: /^src\/sim\/a\.ts:2: imports src\/net\/b\.ts; .*the real machine is handed in/,
  },
  {
    rule: "an entry file other than index.ts imports the real machine",
    files: { "src/runtime.ts": 'import "./net/b.ts";', "src/net/b.ts": "" },
    says: /^src\/runtime\.ts:2: imports src\/net\/b\.ts/,
  },
  {
    rule: "a layer imports an entry file",
    files: { "src/rpc/a.ts": 'import "../gen.ts";', "src/gen.ts": "" },
    says: /entry files are imported by programs/,
  },
  {
    rule: "a folder of src is no layer",
    files: { "src/misc/a.ts": 'import "../bytes/b.ts";', "src/bytes/b.ts": "" },
    says: /src\/misc is in no row of the layer table/,
  },
  {
    rule: "src imports a package",
    files: { "src/idl/a.ts": 'import "leftpad";' },
    says: /imports the package "leftpad"/,
  },
  {
    rule: "a layer other than otel imports OpenTelemetry",
    files: { "src/rpc/a.ts": 'import { trace } from "@opentelemetry/api";\ntrace.disable();' },
    says: /^src\/rpc\/a\.ts:2: imports the package "@opentelemetry\/api"/,
  },
  {
    rule: "otel imports more of OpenTelemetry than its API",
    files: { "src/otel/a.ts": 'import "@opentelemetry/core";\nimport "@opentelemetry/api";' },
    says: /^src\/otel\/a\.ts:2: imports the package "@opentelemetry\/core"/,
  },
  {
    rule: "a test beside its source imports the package that is yet to be built",
    files: { "src/idl/a.test.ts": 'import { linkFiles } from "farcall/idl";\nlinkFiles([], () => "");' },
    says: /^src\/idl\/a\.test\.ts:2: imports the package "farcall\/idl"; .*not built yet/,
  },
  {
    rule: "an import names no file",
    files: { "src/idl/a.ts": 'import "./b.js";' },
    says: /"\.\/b\.js", which is no file/,
  },
  {
    rule: "a source imports a test",
    files: { "src/idl/a.ts": 'import "./b.test.ts";', "src/idl/b.test.ts": "" },
    says: /imports the test src\/idl\/b\.test\.ts/,
  },
  {
    rule: "files import each other in a circle",
    files: {
      "src/idl/a.ts": 'import "./b.ts";',
      "src/idl/b.ts": 'import type { C } from "./c.ts";\nexport type B = C;',
      "src/idl/c.ts": 'import "./a.ts";\nexport type C = 1;',
    },
    says: /^src\/idl\/c\.ts:2: closes the cycle src\/idl\/a\.ts -> src\/idl\/b\.ts -> src\/idl\/c\.ts -> src\/idl\/a\.ts/,
  },
  {
    rule: "a pure layer imports Node",
    files: { "src/rpc/a.ts": 'import "node:fs";' },
    says: /:2: imports node:fs; take it from/,
  },
  {
    rule: "a pure layer takes Node's Buffer",
    files: { "src/rpc/a.ts": "export const b = Buffer.alloc(1);" },
    says: /:2: names Buffer; use Uint8Array/,
  },
  {
    rule: "a pure layer takes Buffer through globalThis",
    files: { "src/rpc/a.ts": 'export const b = globalThis["Buffer"];' },
    says: /names globalThis\.Buffer/,
  },
  {
    rule: "a pure layer reads the time",
    files: { "src/sim/a.ts": "export const now = () => Date.now();" },
    says: /names Date; take Clock/,
  },
  {
    rule: "the file of Dates reads the clock",
    files: { "src/well-known/timestamp.ts": "export const now = (): Date => new Date();" },
    says: /names Date; take Clock/,
  },
  {
    rule: "a pure layer reads the time through a short form",
    files: { "src/rpc/a.ts": "export const ambient = { performance };" },
    says: /names performance; take Clock/,
  },
  {
    rule: "a pure layer is random",
    files: { "src/rpc/a.ts": "export const a = Math.random();" },
    says: /names Math\.random; take Random/,
  },
  {
    rule: "a pure layer sets a timer",
    files: { "src/rpc/a.ts": "setTimeout(() => {}, 1);" },
    says: /names setTimeout; take Timers/,
  },
  {
    rule: "a pure layer waits for the turn",
    files: { "src/rpc/a.ts": "queueMicrotask(() => {});" },
    says: /take Turn/,
  },
  {
    rule: "a signal has a hidden timer",
    files: { "src/rpc/a.ts": "export const s = AbortSignal.timeout(1);" },
    says: /AbortSignal\.timeout/,
  },
  { rule: "a pure layer prints", files: { "src/rpc/a.ts": "console.log(1);" }, says: /names console/ },
  {
    rule: "a pure layer asks for secrets",
    files: { "src/rpc/a.ts": "export const c = globalThis.crypto;" },
    says: /globalThis\.crypto; take Random/,
  },
  {
    rule: "a file says any",
    files: { "src/rpc/a.ts": "export const a = (b: any) => b;" },
    says: /:2: says any; say unknown/,
  },
  {
    rule: "a file exports everything",
    files: { "src/idl/a.ts": 'export * from "./b.ts";', "src/idl/b.ts": "" },
    says: /exports everything/,
  },
  { rule: "a file has a default export", files: { "src/idl/a.ts": "export default 1;" }, says: /default export/ },
  { rule: "a comment puts work off", files: { "src/idl/a.ts": "// TODO later" }, says: /:2: has a TODO/ },
  { rule: "a file is long", files: { "src/idl/a.ts": "\n".repeat(400) }, says: /has 402 lines/ },
  { rule: "a module has a variable", files: { "src/idl/a.ts": "export let a = 1;" }, says: /variable at module level/ },
  {
    rule: "a module has a cache",
    files: { "src/idl/a.ts": "const cache = new Map<string, string>();\ncache.clear();" },
    says: /empty container/,
  },
  { rule: "a test is skipped", files: { "tests/a.test.ts": "test.skip('x', () => {});" }, says: /:2: calls skip/ },
  {
    rule: "a test is singled out",
    files: { "tests/a.test.ts": "test('x', { only: true }, () => {});" },
    says: /says only: true/,
  },
  {
    rule: "a test skips itself silently",
    files: { "tests/a.test.ts": "test('x', (t) => t.skip());" },
    says: /skips without a reason/,
  },
  { rule: "a file is not in kebab-case", files: { "src/idl/aB.ts": "" }, says: /is called aB\.ts/ },
  {
    rule: "a file names a path of one machine",
    files: { "docs/a.md": `see ${"/home"}/someone/x` },
    says: /:2: names .home.someone/,
  },
];

for (const { rule, files, says } of planted) {
  test(`the checker notices when ${rule}`, () => {
    const violations = violationsOf(files);
    assert.equal(violations.length, 1, violations.join("\n"));
    assert.match(violations[0] ?? "", says);
  });
}

test("the checker notices a file that does not say what it is", () => {
  const violations = checkTree([{ path: "src/idl/a.ts", text: "export const a = 1;\n" }]).map(formatViolation);
  assert.match(violations.join("\n"), /^src\/idl\/a\.ts:1: does not say what it is/);
});

test("the checker notices download addresses in the lock file", () => {
  const text = '{\n"resolved": "https://example.org/a.tgz"\n}\n';
  const violations = checkTree([{ path: "package-lock.json", text }]).map(formatViolation);
  assert.match(violations.join("\n"), /^package-lock\.json:2: has a download address/);
});

test("the checker lets through what only looks like a violation", () => {
  const violations = violationsOf({
    "src/bytes/native.ts":
      "export const buffer = (globalThis as { Buffer?: { from(text: string): Uint8Array } }).Buffer;",
    "src/net/clock.ts": 'import { performance } from "node:perf_hooks";\nexport const now = () => performance.now();',
    "src/rpc/names.ts": [
      'import { type Timer, now as setInterval2 } from "../host/timer.ts";',
      "export interface Watch { process(): void; readonly Date: string }",
      "export const text = \"import { x } from 'node:fs'; any TODO setTimeout(\";",
      "export const pattern = /process|console/;",
      "export const table: ReadonlyMap<string, string> = new Map();",
      "export const use = (watch: Watch, timer: Timer) => { watch.process(); return [watch.Date, timer, setInterval2]; };",
      "// biome-ignore lint/suspicious/noExplicitAny: every shape fits here",
      "export type Anything = any;",
    ].join("\n"),
    "src/host/timer.ts": "export interface Timer { kind: 1 }\nexport const now = 1;",
    "src/rpc/names.test.ts":
      'import { test } from "node:test";\ntest("x", (t) => { t.skip("no peer: npm run peers"); Date.now(); });',
    "src/index.ts": 'export { now } from "./net/clock.ts";',
  });
  assert.deepEqual(violations, []);
});
