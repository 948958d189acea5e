// The command line: work that is done again whenever one of the files it read has changed. Files are looked at, not
// listened to: that holds wherever they lie, for editors that put a new file in the old one's place, and for imports that
// are not there yet.
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "./command.ts";
import type { ProtoFolders } from "./proto-folders.ts";
import type { Terminal } from "./terminal.ts";

/** How often files are looked at. */
const lookMs = 200;

/**
 * Does the work, and again after each change; false when what it read was broken. `read` gives the text of an import path,
 * `note` is a line about the occasion.
 */
type Work = (read: (importPath: string) => string | undefined, note: string) => boolean;

/** Does `work` until SIGINT or SIGTERM. What it throws the first time is thrown; from then on it is printed. */
export async function watchFiles(folders: ProtoFolders, terminal: Terminal, work: Work): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  try {
    const seen = new Map<string, string>();
    let whole = runWork(folders, seen, { work, note: "watching: Ctrl+C ends it" });
    for (;;) {
      const changed = await nextChange(folders, seen, ended.signal);
      const [first] = changed;
      if (first === undefined) return;
      const names = changed.length === 1 ? first : `${first} and ${changed.length - 1} more`;
      const note = `${new Date().toTimeString().slice(0, 8)} ${names} changed`;
      const wasWhole = whole;
      whole = tryWork(folders, seen, { work, note }, terminal);
      if (whole && !wasWhole) terminal.err.line(terminal.err.style("green", "all files are whole again"));
    }
  } finally {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  }
}

interface Occasion {
  readonly work: Work;
  readonly note: string;
}

/** Does the work, and notes in `seen` each file that it read as it was before it was read. */
function runWork(folders: ProtoFolders, seen: Map<string, string>, { work, note }: Occasion): boolean {
  const before = new Map(seen);
  seen.clear();
  try {
    return work((importPath) => {
      seen.set(importPath, stampOf(importPath, folders));
      return folders.read(importPath);
    }, note);
  } catch (error) {
    // What was not read this time may be what mends it.
    for (const path of before.keys()) if (!seen.has(path)) seen.set(path, stampOf(path, folders));
    throw error;
  }
}

function tryWork(folders: ProtoFolders, seen: Map<string, string>, occasion: Occasion, { err }: Terminal): boolean {
  try {
    return runWork(folders, seen, occasion);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    err.line(error.message);
    return false;
  }
}

/** Waits until files are not as `seen` has them, and no longer change. None: the end was asked for. */
async function nextChange(
  folders: ProtoFolders,
  seen: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<string[]> {
  let before = "";
  for (;;) {
    try {
      await sleep(lookMs, undefined, { signal });
    } catch {
      return [];
    }
    const now = [...seen.keys()].map((path) => [path, stampOf(path, folders)] as const);
    const changed = now.filter(([path, stamp]) => seen.get(path) !== stamp);
    const text = changed.join();
    // A second look that sees the same: whoever writes has written it all.
    if (changed.length > 0 && text === before) return changed.map(([path]) => folders.find(path) ?? path);
    before = text;
  }
}

/** Which file an import path means, and which state of it; it differs when that has changed. */
function stampOf(importPath: string, folders: ProtoFolders): string {
  const path = folders.find(importPath);
  const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "missing" : `${path} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}
