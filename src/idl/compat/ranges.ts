// IDL layer, compatibility: half-open ranges of numbers, and what of them is missing elsewhere.

type Range = readonly [from: number, to: number];

/** The parts of `old` that no range of `now` covers, in order. */
export function missingRanges(old: readonly Range[], now: readonly Range[]): readonly Range[] {
  const covers = now.toSorted(([one], [other]) => one - other);
  const missing: Range[] = [];
  for (const [from, to] of old.toSorted(([one], [other]) => one - other)) {
    let at = from;
    for (const [start, end] of covers) {
      if (end <= at || start >= to) continue;
      if (start > at) missing.push([at, start]);
      at = end;
    }
    if (at < to) missing.push([at, to]);
  }
  return missing;
}
