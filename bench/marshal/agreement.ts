// Benchmark, marshalling: all toolkits must say the same before they are raced: the same bytes, and the same value out of
// them.
import { isDeepStrictEqual } from "node:util";
import { meaningOf } from "./forms.ts";
import type { Shape } from "./shapes.ts";
import type { Entrant } from "./toolkits.ts";

/**
 * What is wrong with what the entrants make of a shape, undefined when they agree. Bytes may differ where the value holds a
 * map, whose entries have no order: their number may not, and they must be read as the same value.
 */
export function disagreement(shape: Shape, entrants: readonly Entrant[]): string | undefined {
  const meant = meaningOf(shape.value);
  const hasMap = Object.values(shape.value).some((value) => value instanceof Map);
  let first: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  for (const { toolkit, marshaller } of entrants) {
    const { name, format } = toolkit;
    if (format === "none") continue;
    if (!isDeepStrictEqual(meaningOf(marshaller.decode()), meant)) return `${name} reads another value than it wrote`;
    if (!(marshaller.encoded instanceof Uint8Array)) continue;
    const bytes = marshaller.encoded;
    first ??= { name, bytes };
    if (bytes.length !== first.bytes.length) {
      return `${name} writes ${bytes.length} bytes, ${first.name} ${first.bytes.length}`;
    }
    if (!hasMap && Buffer.compare(bytes, first.bytes) !== 0) return `${name} writes other bytes than ${first.name}`;
  }
  return undefined;
}
