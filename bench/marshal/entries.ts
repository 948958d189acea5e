// Benchmark, marshalling: what is run: shapes with those who can do them, all made ready and all run before any is measured.
import { disagreement } from "./agreement.ts";
import type { Direction } from "./goals.ts";
import { choose } from "./selection.ts";
import { isStringBound, type Shape, shapes, stringBytes } from "./shapes.ts";
import type { Toolkit } from "./toolkit.ts";
import { type Entrant, entrantsOf, loadToolkits } from "./toolkits.ts";

export interface Entry {
  readonly shape: Shape;
  readonly entrants: readonly Entrant[];
  readonly encodedBytes: number;
  /** Of these, those of strings, 0 to 1. */
  readonly stringShare: number;
  readonly stringBound: boolean;
}

export interface Entries {
  readonly entries: readonly Entry[];
  readonly toolkits: readonly Toolkit[];
  readonly directions: readonly Direction[];
}

const directions: readonly Direction[] = ["encode", "decode"];

function entryOf(shape: Shape, toolkits: readonly Toolkit[]): Entry {
  const entrants = entrantsOf(shape, toolkits);
  const wrong = disagreement(shape, entrants);
  if (wrong !== undefined) throw new Error(`${shape.name}: ${wrong}`);
  const encoded =
    entrants.find(({ toolkit }) => toolkit.format === "protobuf")?.marshaller.encoded.length ?? Number.NaN;
  return {
    shape,
    entrants,
    encodedBytes: encoded,
    stringShare: stringBytes(shape.value) / encoded,
    stringBound: isStringBound(shape.value, encoded),
  };
}

/**
 * Runs every type of every toolkit for `warmMs` each way. A program has more than one message type, and code that a toolkit
 * shares between types must have seen them all: an engine makes it faster for one alone.
 */
function warm(entries: readonly Entry[], warmMs: number): void {
  for (const { entrants } of entries) {
    for (const { marshaller } of entrants) {
      for (const run of [marshaller.encode, marshaller.decode]) {
        const until = performance.now() + warmMs;
        do run();
        while (performance.now() < until);
      }
    }
  }
}

/** Makes all ready, warms it, and gives out what `only` names. */
export async function loadEntries(only: readonly string[], warmMs: number): Promise<Entries> {
  const all = await loadToolkits();
  const names = {
    shapes: shapes.map(({ name }) => name),
    toolkits: all.map(({ name }) => name),
    directions,
  };
  const chosen = choose(names, only);
  const toolkits = all.filter(({ name }) => chosen.toolkits.includes(name));
  const entries = shapes.map((shape) => entryOf(shape, toolkits));
  warm(entries, warmMs);
  return {
    entries: entries.filter(({ shape, entrants }) => chosen.shapes.includes(shape.name) && entrants.length > 0),
    toolkits,
    directions: directions.filter((direction) => chosen.directions.includes(direction)),
  };
}
