// Benchmark, marshalling: `--only`: some shapes, toolkits or directions out of all.

export interface Choice {
  readonly shapes: readonly string[];
  readonly toolkits: readonly string[];
  readonly directions: readonly string[];
}

/** The names that hold one of the words; all when no word is theirs. */
function those(names: readonly string[], words: readonly string[]): readonly string[] {
  const chosen = names.filter((name) => words.some((word) => name.includes(word)));
  return chosen.length > 0 ? chosen : names;
}

/** What is left of `all` by the words of `--only`, each a part of a name. Throws when one is no part of any. */
export function choose(all: Choice, words: readonly string[]): Choice {
  const names = [...all.shapes, ...all.toolkits, ...all.directions];
  const lost = words.find((word) => !names.some((name) => name.includes(word)));
  if (lost !== undefined) throw new Error(`--only "${lost}": that is in none of ${names.join("; ")}`);
  return {
    shapes: those(all.shapes, words),
    toolkits: those(all.toolkits, words),
    directions: those(all.directions, words),
  };
}
