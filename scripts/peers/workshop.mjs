// What every peer's recipe needs: the cache outside the tree, commands with their output kept for the day they fail, and
// programs on the PATH. A peer is built aside and renamed into place, so that a broken build never looks like a peer.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the tree. */
export const treeRoot = fileURLToPath(new URL("../..", import.meta.url));
/** Where peers are kept: $FARCALL_PEERS, or a folder in the user's cache. */
export const cacheRoot =
  process.env.FARCALL_PEERS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "farcall-peers");

/** A file of the tree by its path from the root. */
export const inTree = (path) => join(treeRoot, path);

/** A peer that cannot be had here: why, and the command that would change that. */
export class PeerMissing extends Error {
  constructor(why, command) {
    super(why);
    this.command = command;
  }
}

/** The path of a program on the PATH, or undefined. */
export function findProgram(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Runs a command to its end and returns what it printed; when it fails, throws with the command and its last lines. */
export function run(command, words, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) return resolve(output);
      const end = output.trimEnd().split("\n").slice(-25).join("\n");
      reject(new Error(`${[command, ...words].join(" ")}\nended with status ${status}:\n${end}`));
    });
  });
}

/** Installs Debian's packages, which bring `what`, where that can be done without asking. */
export async function installDebian(packages, what, say) {
  const command = `apt-get install ${packages.join(" ")}`;
  const isRoot = process.getuid?.() === 0;
  if (!findProgram("apt-get")) throw new PeerMissing(`${what} are not installed`, command);
  if (!isRoot) throw new PeerMissing(`${what} are not installed, and only root may do it`, `sudo ${command}`);
  say("installs Debian's packages");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env });
}

/** The folder of a peer in the cache, named after everything that it is made of. */
export function cacheFolder(name, files, facts = []) {
  const hash = createHash("sha256");
  for (const fact of [process.platform, process.arch, ...facts]) hash.update(`${fact}\n`);
  for (const file of files) hash.update(file).update(readFileSync(inTree(file)));
  return join(cacheRoot, `${name}-${hash.digest("hex").slice(0, 12)}`);
}

/** What `keep` noted about a finished folder, or undefined when there is none. */
export function kept(folder) {
  const note = join(folder, "peer.json");
  return existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : undefined;
}

/** Makes `folder` by `make(partial)`, whose result is noted in it; the folder appears only when all went well. */
export async function keep(folder, make) {
  const partial = `${folder}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const note = await make(partial);
    writeFileSync(join(partial, "peer.json"), `${JSON.stringify(note)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
