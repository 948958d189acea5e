// Example, directories: one watch of a directory. The operating system says which names to look at (inotify(7), through
// Node's `fs.watch`); what happened to them is found by looking. So a slow client costs a bounded set of names, not a queue of
// events, and gets the newest state of each.
import { type FSWatcher, watch as watchPath } from "node:fs";
import { readdir } from "node:fs/promises";
import { CallError, type ServerCall } from "farcall";
import { Bell } from "./bell.ts";
import { type SeenEntry, takeChanges } from "./directory-changes.ts";
import { lookFor, toEntry } from "./entry.ts";
import type { Folder } from "./folder.ts";
import type { WatchEventInit } from "./gen/files.ts";
import { isShown, type Root } from "./root.ts";

/** Changes that are this close together are told as one. */
const coalesceMs = 20;
/** How often it is looked whether the path still leads here when nothing happens: of a folder above nobody tells. */
const checkMs = 1000;
/** Entries looked at together. */
const lookedAtOnce = 32;

export interface WatchLimits {
  readonly maxEntries: number;
  readonly maxPendingNames: number;
}

export class DirectoryWatch {
  readonly #root: Root;
  readonly #path: string;
  readonly #limits: WatchLimits;
  readonly #queue: WatchQueue;
  readonly #bell = new Bell();
  readonly #known = new Map<string, SeenEntry>();
  #watcher: FSWatcher | undefined = undefined;
  /** The directory that is watched, whatever the path leads to. */
  #identity = "";
  #pending = new Set<string>();
  #missed = false;

  constructor(
    root: Root,
    { path, limits, queue }: { readonly path: string; readonly limits: WatchLimits; readonly queue: WatchQueue },
  ) {
    this.#root = root;
    this.#path = path;
    this.#limits = limits;
    this.#queue = queue;
  }

  /** What is there, then what changes. Ends when the path leads to the directory no longer. */
  async *events(call: ServerCall): AsyncGenerator<WatchEventInit> {
    const { signal, server } = call;
    signal.addEventListener("abort", this.#bell.ring, { once: true });
    const forget = server.onDrain(this.#bell.ring);
    try {
      await this.#root.inside(this.#path, (folder) => this.#begin(folder));
      yield* this.#list();
      for (;;) {
        await this.#bell.next(checkMs);
        // A watch that went on would hold the drain back to its end.
        if (server.isDraining) throw new CallError("UNAVAILABLE", "the server is shutting down");
        if (this.#pending.size > 0 || this.#missed) await call.sleep(coalesceMs);
        signal.throwIfAborted();
        const missed = this.#missed;
        const events = await this.#look();
        if (events === undefined) return;
        if (missed) yield { kind: "MISSED" };
        yield* missed ? this.#list() : events;
      }
    } finally {
      signal.removeEventListener("abort", this.#bell.ring);
      forget();
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#queue.remove(this);
  }

  /** Events have been lost: there is no telling of which names. */
  readonly miss = (): void => {
    this.#missed = true;
    this.#pending.clear();
    this.#bell.ring();
  };

  async #begin(folder: Folder): Promise<void> {
    this.#identity = await identityOf(folder);
    // Before the list, so that nothing gets lost between the two.
    this.#watcher = watchPath(folder.pathOf(), { persistent: false }, (_event, name) => this.#note(name));
    this.#watcher.on("error", this.miss);
    this.#queue.add(this);
    await this.#readAll(folder);
  }

  #note(name: string | null): void {
    this.#queue.note();
    if (this.#missed) return;
    // An event of the directory itself has no name.
    if (name !== null && name !== "" && isShown(this.#path, name)) this.#pending.add(name);
    if (this.#pending.size > this.#limits.maxPendingNames) this.miss();
    this.#bell.ring();
  }

  *#list(): Generator<WatchEventInit> {
    for (const { entry } of [...this.#known.values()]) yield { kind: "EXISTS", entry };
    yield { kind: "LISTED" };
  }

  /** What happened to the names that are pending; undefined when the directory is no longer at the path. */
  async #look(): Promise<WatchEventInit[] | undefined> {
    const [names, missed] = [this.#pending, this.#missed];
    this.#pending = new Set();
    this.#missed = false;
    try {
      return await this.#root.inside(this.#path, async (folder) => {
        if ((await identityOf(folder)) !== this.#identity) return undefined;
        if (missed) {
          this.#known.clear();
          await this.#readAll(folder);
          return [];
        }
        const events = takeChanges(this.#known, await lookAtAll(folder, names));
        this.#checkCount();
        return events;
      });
    } catch (error) {
      // Something else, or nothing, is on the way to it.
      if (error instanceof CallError && (error.code === "NOT_FOUND" || error.code === "FAILED_PRECONDITION"))
        return undefined;
      throw error;
    }
  }

  async #readAll(folder: Folder): Promise<void> {
    const names = (await readdir(folder.pathOf())).filter((name) => isShown(this.#path, name)).sort();
    this.#checkCount(names.length);
    for (const [name, seen] of await lookAtAll(folder, names)) if (seen !== undefined) this.#known.set(name, seen);
  }

  #checkCount(count = this.#known.size): void {
    const { maxEntries } = this.#limits;
    if (count <= maxEntries) return;
    throw new CallError(
      "RESOURCE_EXHAUSTED",
      `'${this.#path}' has ${count} entries; at most ${maxEntries} are watched`,
    );
  }
}

/** How the system tells of a directory that was made, removed and made again: another number, or another time of birth. */
async function identityOf(folder: Folder): Promise<string> {
  return (await seenAs("", folder.pathOf()))?.identity ?? "";
}

async function lookAtAll(folder: Folder, names: Iterable<string>): Promise<Map<string, SeenEntry | undefined>> {
  const all = [...names];
  const found = new Map<string, SeenEntry | undefined>();
  for (let at = 0; at < all.length; at += lookedAtOnce) {
    const some = all.slice(at, at + lookedAtOnce);
    const seen = await Promise.all(some.map((name) => seenAs(name, folder.pathOf(name))));
    some.forEach((name, index) => void found.set(name, seen[index]));
  }
  return found;
}

async function seenAs(name: string, place: string): Promise<SeenEntry | undefined> {
  const stats = await lookFor(place);
  if (stats === undefined) return undefined;
  // The number of a file that is gone is soon another's.
  return { entry: toEntry(name, stats), identity: `${stats.dev}:${stats.ino}:${stats.birthtimeNs}` };
}

/** Half of what the kernel keeps for a process that does not read (inotify(7), max_queued_events). */
const maxEventsAtOnce = 8192;

/**
 * The queue that the kernel keeps for all watches of a process. When it is full, events are lost, and Node does not say so: as
 * many at once as would fill it are taken for a loss.
 */
export class WatchQueue {
  readonly #watches = new Set<DirectoryWatch>();
  #eventsAtOnce = 0;

  add(watch: DirectoryWatch): void {
    this.#watches.add(watch);
  }

  remove(watch: DirectoryWatch): void {
    this.#watches.delete(watch);
  }

  note(): void {
    if (this.#eventsAtOnce++ > 0) return;
    // Node reads the whole queue before it goes on.
    setImmediate(() => {
      if (this.#eventsAtOnce >= maxEventsAtOnce) for (const watch of [...this.#watches]) watch.miss();
      this.#eventsAtOnce = 0;
    });
  }
}
