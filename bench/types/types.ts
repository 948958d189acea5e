// Benchmark: what a large contract costs the compiler and an editor: 50 to 1,000 methods of all kinds, each with messages of
// its own, generated and written with the builder, and a program that calls and implements every method.
import type { Bench, BenchOptions, BenchResult } from "../support/options.ts";
import { formatCount, formatFigure, formatTable } from "../support/table.ts";
import { measureTypes } from "./compiler.ts";
import type { Form } from "./contract.ts";
import { measureCompletion } from "./language-server.ts";

const forms: readonly Form[] = ["generated", "builder"];

async function run({ short, say }: BenchOptions): Promise<BenchResult> {
  const sizes = short ? [50, 500] : [50, 100, 500, 1000];
  const checks = forms.flatMap((form) =>
    sizes.map((methods) => {
      say(`types: ${methods} methods, ${form}`);
      return measureTypes(form, methods);
    }),
  );
  const completions = [];
  for (const form of forms) {
    for (const methods of sizes) completions.push(await measureCompletion(form, methods));
  }
  const checkTable = formatTable([
    ["contract", "methods", "check s", "total s", "types", "instantiations", "a method", "memory MB"],
    ...checks.map((one) => [
      one.form,
      formatCount(one.methods),
      formatFigure(one.checkSeconds),
      formatFigure(one.totalSeconds),
      formatCount(one.types),
      formatCount(one.instantiations),
      formatFigure(one.instantiations / one.methods),
      formatFigure(one.memoryMb),
    ]),
  ]);
  const completionTable = formatTable([
    ["contract", "methods", "offered", "first ms", "after a key ms"],
    ...completions.map((one) => [
      one.form,
      formatCount(one.methods),
      formatCount(one.offered),
      formatFigure(one.firstMs),
      formatFigure(one.againMs),
    ]),
  ]);
  return {
    name: "types",
    text: `types, a program that calls and implements every method\n${checkTable}\n\ntypes, completion at \`stub.\`\n${completionTable}`,
    data: { checks, completions },
    goals: [],
  };
}

export const types: Bench = { name: "types", about: "large contracts in the compiler and in an editor", run };
