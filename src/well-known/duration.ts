// Well-known layer: google.protobuf.Duration from and to milliseconds and nanoseconds. Both of its parts have one sign.
import { checkDuration } from "../marshal/json/time-text.ts";
import type { Duration } from "../services/gen/google/protobuf/duration.ts";
import { nanosOfMs, nanosPerMs, splitNanos, type TimeInit, timeOf, totalNanos } from "./time.ts";

/** A Duration out of nanoseconds. Throws a `MarshalError` beyond 315,576,000,000 s, which are 10,000 years. */
export function durationFromNanos(nanos: bigint): Duration {
  const { seconds, nanos: rest } = splitNanos(nanos < 0n ? -nanos : nanos);
  const duration = nanos < 0n ? { seconds: -seconds, nanos: rest === 0 ? 0 : -rest } : { seconds, nanos: rest };
  checkDuration(duration);
  return duration;
}

/** Nanoseconds. Throws a `MarshalError` beyond 10,000 years, and when the parts differ in sign. */
export function durationToNanos(duration: TimeInit): bigint {
  const time = timeOf(duration);
  checkDuration(time);
  return totalNanos(time);
}

/** A Duration out of milliseconds; a fraction counts, to the nanosecond. Throws a `MarshalError` beyond 10,000 years. */
export function durationFromMs(ms: number): Duration {
  return durationFromNanos(nanosOfMs(ms, "duration"));
}

/** Milliseconds, with a fraction. Throws a `MarshalError` beyond 10,000 years, and when the parts differ in sign. */
export function durationToMs(duration: TimeInit): number {
  const nanos = durationToNanos(duration);
  return Number(nanos / nanosPerMs) + Number(nanos % nanosPerMs) / 1e6;
}
