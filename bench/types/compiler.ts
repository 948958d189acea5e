// Benchmark, types: what the compiler has to do for a contract, as `tsc --extendedDiagnostics` counts it. Programs lie in a
// folder of their own in `build`, where the package's name leads to its own types, as it does in a user's `node_modules`.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Form, writeContract, writeProgram } from "./contract.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** The compiler of this tree. */
export const compilerPath = join(root, "node_modules/typescript/bin/tsc");

/** A user's strict settings. */
const settings = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2023"],
    module: "nodenext",
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
  },
};

export interface TypeCosts {
  readonly form: Form;
  readonly methods: number;
  readonly types: number;
  readonly instantiations: number;
  /** Of the compiler's memory: what comparing each type with all others shows in, though it makes none. */
  readonly allocations: number;
  readonly checkSeconds: number;
  readonly totalSeconds: number;
  readonly memoryMb: number;
}

/** A folder for one contract, made anew; `remove` ends it. */
export class Workshop {
  readonly folder: string;

  constructor(name: string) {
    this.folder = join(root, "build/type-programs", `${name}-${process.pid}`);
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    this.write("tsconfig.json", JSON.stringify({ ...settings, include: ["*.ts"] }));
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Checks a program that uses every method of a contract. Throws when it does not compile. */
export function measureTypes(form: Form, methods: number): TypeCosts {
  const workshop = new Workshop(`${form}-${methods}`);
  try {
    workshop.write("contract.ts", writeContract(form, methods));
    workshop.write("program.ts", writeProgram("contract.js", methods));
    // One checker: with more of them the work is shared, and done twice, as the machine has cores.
    const words = ["-p", workshop.folder, "--extendedDiagnostics", "--pretty", "false", "--singleThreaded"];
    const { status, stdout } = spawnSync(process.execPath, [compilerPath, ...words], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${methods} methods, ${form}:\n${stdout.slice(0, 2000)}`);
    const read = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]);
    return {
      form,
      methods,
      types: read("Types"),
      instantiations: read("Instantiations"),
      allocations: read("Memory allocs"),
      checkSeconds: read("Check time"),
      totalSeconds: read("Total time"),
      memoryMb: read("Memory used") / 1024,
    };
  } finally {
    workshop.remove();
  }
}
