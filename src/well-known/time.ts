// Well-known layer: what Timestamp and Duration share: seconds and nanoseconds as one count of nanoseconds.
import { MarshalError } from "../marshal/errors.ts";
import type { Time } from "../marshal/json/time-text.ts";

/** What is accepted as a Timestamp or a Duration, of whichever module: what is not set is zero. */
export interface TimeInit {
  readonly seconds?: bigint | number | string | undefined;
  readonly nanos?: number | undefined;
}

const nanosPerSecond = 1_000_000_000n;
export const nanosPerMs = 1_000_000n;

/** Both parts, as the checks of the marshal layer take them. */
export function timeOf({ seconds = 0n, nanos = 0 }: TimeInit): Time {
  if (typeof seconds === "number" && !Number.isSafeInteger(seconds)) {
    throw new MarshalError("out-of-range", `${seconds} is not a safe integer`, { path: "seconds" });
  }
  if (!Number.isInteger(nanos)) {
    throw new MarshalError("out-of-range", `${nanos} is not an integer`, { path: "nanos" });
  }
  return { seconds: BigInt(seconds), nanos };
}

/** One count of nanoseconds. */
export function totalNanos({ seconds, nanos }: Time): bigint {
  return seconds * nanosPerSecond + BigInt(nanos);
}

/** The whole seconds, rounded down, and what is left. */
export function splitNanos(total: bigint): Time {
  const rest = ((total % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  return { seconds: (total - rest) / nanosPerSecond, nanos: Number(rest) };
}

/** Milliseconds with a fraction, to the nearest nanosecond. Throws a `MarshalError` for what is no finite number. */
export function nanosOfMs(ms: number, what: string): bigint {
  if (!Number.isFinite(ms)) throw new MarshalError("out-of-range", `${ms} is no ${what} in milliseconds`);
  const whole = Math.floor(ms);
  return BigInt(whole) * nanosPerMs + BigInt(Math.round((ms - whole) * 1e6));
}
