// Benchmark, types: contracts of any size, in both forms, and a program that uses every method of one.
import { generateFiles, linkFiles } from "farcall/idl";

/** Who wrote the contract: the generator, or a person with the builder. */
export type Form = "generated" | "builder";

const kinds = [
  { builder: "unary", request: "", reply: "" },
  { builder: "serverStream", request: "", reply: "stream " },
  { builder: "clientStream", request: "stream ", reply: "" },
  { builder: "bidiStream", request: "stream ", reply: "stream " },
] as const;

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const kindOf = (index: number) => kinds[index % kinds.length] as (typeof kinds)[number];

/** A contract with so many methods, of each kind in turn, each with messages of its own; the module exports `Big`. */
export function writeContract(form: Form, methods: number): string {
  return form === "builder" ? writeBuilder(methods) : generate(methods);
}

function writeBuilder(methods: number): string {
  const messages = indexes(methods).flatMap((index) => [
    `export const Ask${index} = message("big.Ask${index}", { name: string(1), size: int64(2), tags: repeated(string(3)) });`,
    `export const Tell${index} = message("big.Tell${index}", { path: string(1), size: int64(2), ask: field(Ask${index}, 3) });`,
  ]);
  const members = indexes(methods).map((index) => `  m${index}: ${kindOf(index).builder}(Ask${index}, Tell${index}),`);
  return `import { bidiStream, clientStream, field, int64, message, repeated, serverStream, service, string, unary } from "farcall/idl";
${messages.join("\n")}
export const Big = service("big.Big", {
${members.join("\n")}
});
`;
}

function generate(methods: number): string {
  const messages = indexes(methods).flatMap((index) => [
    `message Ask${index} { string name = 1; int64 size = 2; repeated string tags = 3; }`,
    `message Tell${index} { string path = 1; int64 size = 2; Ask${index} ask = 3; }`,
  ]);
  const rpcs = indexes(methods).map((index) => {
    const { request, reply } = kindOf(index);
    return `  rpc M${index}(${request}Ask${index}) returns (${reply}Tell${index});`;
  });
  const text = `syntax = "proto3";\npackage big;\n${messages.join("\n")}\nservice Big {\n${rpcs.join("\n")}\n}\n`;
  const { allFiles, errors } = linkFiles(["big.proto"], (path) => (path === "big.proto" ? text : undefined));
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  const [file] = generateFiles(allFiles);
  if (file === undefined) throw new Error("nothing was generated");
  return file.text;
}

const calls = [
  (name: string) => `  paths.push((await stub.${name}({ name: "a", size: 1n })).path);`,
  (name: string) => `  for await (const told of stub.${name}({ name: "a" })) paths.push(told.path);`,
  (name: string) => `  paths.push((await stub.${name}([{ name: "a" }])).path);`,
  (name: string) => `  for await (const told of stub.${name}()) paths.push(told.path);`,
];
const handlers = [
  (name: string) => `  ${name}: ({ name, size }) => ({ path: name, size }),`,
  (name: string) => `  async *${name}({ name }) {\n    yield { path: name };\n  },`,
  (name: string) =>
    `  async ${name}(asks) {\n    for await (const { name } of asks) return { path: name };\n    return {};\n  },`,
  (name: string) =>
    `  async *${name}(asks) {\n    for await (const { name, size } of asks) yield { path: name, size };\n  },`,
];

/** A program that calls and implements every method; \`contract\` is the module it imports. */
export function writeProgram(contract: string, methods: number): string {
  const each = (lines: readonly ((name: string) => string)[]): string =>
    indexes(methods)
      .map((index) => lines[index % lines.length]?.(`m${index}`))
      .join("\n");
  return `import { dial, implement } from "farcall";
import { Big } from "./${contract}";
export async function run(): Promise<string[]> {
  const paths: string[] = [];
  const stub = dial("tcp://127.0.0.1:1").stub(Big);
${each(calls)}
  return paths;
}
export const served = implement(Big, {
${each(handlers)}
});
`;
}

/** A program that ends where an editor asks what \`stub.\` may be followed by. */
export function writeUnfinished(contract: string): string {
  return `import { dial } from "farcall";
import { Big } from "./${contract}";
const stub = dial("tcp://127.0.0.1:1").stub(Big);
export const answer = stub.`;
}
