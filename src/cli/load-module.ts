// The command line: a module with services, as `farcall serve` loads it, and the farcall that it stands on. The two may be
// installed apart; a `CallError` that a handler throws is known only to the farcall that it was made with.
import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { type Runtime, type Served, serve } from "../index.ts";
import { reflection } from "../services/reflection.ts";
import { CommandError } from "./command.ts";
import { disk } from "./file-tree.ts";

/** What a server needs of a farcall. */
export interface ServingFarcall {
  readonly serve: Runtime["serve"];
  readonly reflection: typeof reflection;
}

export interface ServiceModule {
  readonly implementations: readonly Served[];
  /** The farcall that the module imports; this one where it imports none. */
  readonly farcall: ServingFarcall;
}

/** What a module exports. Throws a `CommandError` for one that is missing, fails, or is TypeScript that Node does not run. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path);
  if (disk.kindOf(file) !== "file") throw new CommandError(`${path}: there is no such module`);
  if (/^\.[cm]?ts$/.test(extname(file)) && !("typescript" in process.features && process.features.typescript)) {
    throw new CommandError(
      `${path} is TypeScript, which Node ${process.versions.node} does not run (22.18 and later do): compile it and name the .js file`,
    );
  }
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new CommandError(`${path} failed while it was loaded: ${inspect(error)}`);
  }
}

/** Loads a module whose default export is a list of implementations. Throws a `CommandError`. */
export async function loadServiceModule(path: string): Promise<ServiceModule> {
  const { default: exported } = await importModule(path);
  const list = Array.isArray(exported) ? (exported as readonly unknown[]) : undefined;
  if (list === undefined || list.length === 0 || !list.flat().every(isImplementation)) {
    throw new CommandError(
      `${path} has no list of implementations for its default export: export default [implement(Service, { ... })]`,
    );
  }
  return { implementations: list as readonly Served[], farcall: await farcallOf(resolve(path)) };
}

function isImplementation(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "implementation";
}

async function farcallOf(file: string): Promise<ServingFarcall> {
  const { resolve: find } = createRequire(file);
  try {
    const [root, services] = await Promise.all(
      ["farcall", "farcall/services"].map((name) => import(pathToFileURL(find(name)).href) as Promise<ServingFarcall>),
    );
    if (root !== undefined && services !== undefined) return { serve: root.serve, reflection: services.reflection };
  } catch {
    // The module has none beside it: what it imports was bundled with it.
  }
  return { serve, reflection };
}
