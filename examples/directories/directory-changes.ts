// Example, directories: what changed in a directory, from what was known of it and what is found. Pure: it looks at no disk.
import type { NamedEntry } from "./entry.ts";
import type { WatchEventInit } from "./gen/files.ts";

/** An entry as it was seen. */
export interface SeenEntry {
  readonly entry: NamedEntry;
  /** The same for the same file under another name, and never for two. */
  readonly identity: string;
}

/**
 * The events that lead from `known` to `found`, which has an undefined for each name that is gone and nothing for names that
 * nothing is said of. Brings `known` up to date. What came and went between two looks makes no event.
 */
export function takeChanges(
  known: Map<string, SeenEntry>,
  found: ReadonlyMap<string, SeenEntry | undefined>,
): WatchEventInit[] {
  const gone = new Map<string, string>();
  for (const [name, now] of found) {
    const before = known.get(name);
    if (before !== undefined && now === undefined) gone.set(before.identity, name);
  }
  const events: WatchEventInit[] = [];
  for (const [name, now] of found) {
    const before = known.get(name);
    if (now === undefined) continue;
    const previousName = before?.identity === now.identity ? undefined : gone.get(now.identity);
    if (previousName !== undefined) {
      gone.delete(now.identity);
      events.push({ kind: "RENAMED", entry: now.entry, previousName });
    } else if (before === undefined) events.push({ kind: "CREATED", entry: now.entry });
    else if (!isSame(before, now)) events.push({ kind: "CHANGED", entry: now.entry });
  }
  for (const name of gone.values()) events.push({ kind: "REMOVED", entry: (known.get(name) as SeenEntry).entry });
  for (const [name, now] of found) {
    if (now === undefined) known.delete(name);
    else known.set(name, now);
  }
  return events;
}

function isSame(one: SeenEntry, other: SeenEntry): boolean {
  const [a, b] = [one.entry, other.entry];
  return (
    one.identity === other.identity &&
    a.type === b.type &&
    a.size === b.size &&
    a.mode === b.mode &&
    a.modified?.seconds === b.modified?.seconds &&
    a.modified?.nanos === b.modified?.nanos
  );
}
