// Benchmark, marshalling: who takes part, in the order of the tables.
import { farcallBuilt, farcallGenerated } from "./farcall.ts";
import { bareCopy, byHand } from "./limits.ts";
import { loadPeers } from "./peers.ts";
import type { Shape } from "./shapes.ts";
import type { Marshaller, Toolkit } from "./toolkit.ts";

/** All toolkits; others' compilers are run for it. */
export async function loadToolkits(): Promise<readonly Toolkit[]> {
  return [farcallGenerated, farcallBuilt, ...(await loadPeers()), byHand, bareCopy];
}

/** A toolkit with a shape that it can do. */
export interface Entrant {
  readonly toolkit: Toolkit;
  readonly marshaller: Marshaller;
}

/** The toolkits that can do a shape. */
export function entrantsOf(shape: Shape, toolkits: readonly Toolkit[]): readonly Entrant[] {
  return toolkits.flatMap((toolkit) => {
    const marshaller = toolkit.prepare(shape);
    return marshaller === undefined ? [] : [{ toolkit, marshaller }];
  });
}
