// Marshal layer, ProtoJSON: numbers as JSON writes them (RFC 8259, section 6), read without loss: integers that a double
// does not hold become bigints. The shortest text of a float.

const numberPattern = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Integers of more digits stay doubles: no field holds them. */
const maxExactDigits = 40;

/** The number in `text`; a bigint for an integer beyond 2^53; undefined when it is no number of JSON. */
export function parseNumberText(text: string): number | bigint | undefined {
  const match = numberPattern.exec(text);
  if (match === null) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/0+$/, "");
  const zeros = Number(exponent) - fraction.length + (whole.length + fraction.length - digits.length);
  if (zeros < 0 || digits.length + zeros > maxExactDigits) return value;
  return BigInt(`${sign}${digits}${"0".repeat(zeros)}`);
}

/** The double with the shortest text that reads as the float `value`: 0.1 for the float nearest to it. */
export function shortestFloat(value: number): number {
  // -0 has no digits to tell it by.
  if (value === 0) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
