// Well-known layer: google.protobuf.Timestamp from and to what JavaScript has for points in time. No clock is read: one is
// handed in.
import type { Clock } from "../host/clock.ts";
import { checkTimestamp } from "../marshal/json/time-text.ts";
import type { Timestamp } from "../services/gen/google/protobuf/timestamp.ts";
import { nanosOfMs, nanosPerMs, splitNanos, type TimeInit, timeOf, totalNanos } from "./time.ts";

/** A Timestamp out of nanoseconds since 1970 UTC. Throws a `MarshalError` outside the years 1 to 9999. */
export function timestampFromNanos(nanos: bigint): Timestamp {
  const time = splitNanos(nanos);
  checkTimestamp(time);
  return time;
}

/** Nanoseconds since 1970 UTC. Throws a `MarshalError` outside the years 1 to 9999. */
export function timestampToNanos(timestamp: TimeInit): bigint {
  const time = timeOf(timestamp);
  checkTimestamp(time);
  return totalNanos(time);
}

/** A Timestamp out of milliseconds since 1970 UTC; a fraction counts. Throws a `MarshalError` outside the years 1 to 9999. */
export function timestampFromMs(ms: number): Timestamp {
  return timestampFromNanos(nanosOfMs(ms, "time"));
}

/** Whole milliseconds since 1970 UTC, rounded down as `Date` does. Throws a `MarshalError` outside the years 1 to 9999. */
export function timestampToMs(timestamp: TimeInit): number {
  const nanos = timestampToNanos(timestamp);
  const rest = ((nanos % nanosPerMs) + nanosPerMs) % nanosPerMs;
  return Number((nanos - rest) / nanosPerMs);
}

/** A Timestamp out of a `Date`. Throws a `MarshalError` for an invalid one, and outside the years 1 to 9999. */
export function timestampFromDate(date: Date): Timestamp {
  return timestampFromMs(date.getTime());
}

/** A `Date`: what is below a millisecond is lost. Throws a `MarshalError` outside the years 1 to 9999. */
export function timestampToDate(timestamp: TimeInit): Date {
  return new Date(timestampToMs(timestamp));
}

/** What a clock's calendar shows: `timestampNow(call.clock)`, or `{ wallNow: Date.now }`. */
export function timestampNow(clock: Pick<Clock, "wallNow">): Timestamp {
  return timestampFromMs(clock.wallNow());
}
