// Marshal layer, ProtoJSON: google.protobuf.Timestamp as RFC 3339 text and google.protobuf.Duration as seconds with an `s`.
// The calendar is the proleptic Gregorian one; no clock is read.
import { MarshalError } from "../errors.ts";

/** A point or a length of time, as both messages hold it. */
export interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}

const daySeconds = 86_400;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const minTimestamp = -62_135_596_800n;
const maxTimestamp = 253_402_300_799n;
/** Some 10,000 years. */
const maxDuration = 315_576_000_000n;
const maxNanos = 999_999_999;
/** The Gregorian calendar repeats itself. */
const eraYears = 400;
const eraDays = 146_097;
/** From 1 March of the year 0, when a year begins that has its leap day at its end, to 1 January 1970. */
const epochDays = 719_468;

function unfit(detail: string): MarshalError {
  return new MarshalError("out-of-range", detail);
}

/** Up to nine digits behind a dot, in groups of three; nothing for zero. */
function formatNanos(nanos: number): string {
  return nanos === 0
    ? ""
    : `.${String(nanos)
        .padStart(9, "0")
        .replace(/(?:000){1,2}$/, "")}`;
}

function parseNanos(digits: string | undefined): number {
  return Number((digits ?? "").padEnd(9, "0"));
}

/** Throws a `MarshalError` for what is no Timestamp: it lies in the years 1 to 9999, and counts nanoseconds forward. */
export function checkTimestamp({ seconds, nanos }: Time): void {
  if (seconds < minTimestamp || seconds > maxTimestamp) {
    throw unfit(`${seconds} s lie outside the years 1 to 9999 (0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z)`);
  }
  if (!(nanos >= 0 && nanos <= maxNanos)) throw unfit(`${nanos} is not 0 to ${maxNanos} nanoseconds`);
}

/** `2026-01-31T10:00:20.5Z` with 0, 3, 6 or 9 digits of a second. Throws a `MarshalError` outside the years 1 to 9999. */
export function formatTimestamp(time: Time): string {
  checkTimestamp(time);
  const { seconds, nanos } = time;
  const whole = Number(seconds);
  const days = Math.floor(whole / daySeconds);
  const rest = whole - days * daySeconds;
  const { year, month, day } = dateOf(days);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  return `${date}T${two(rest / 3600)}:${two((rest / 60) % 60)}:${two(rest % 60)}${formatNanos(nanos)}Z`;
}

/** The date that lies `days` after 1 January 1970. */
function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const since = days + epochDays;
  const era = Math.floor(since / eraDays);
  const inEra = since - era * eraDays;
  // Leap days up to then are taken out: after 4 years one more, after 100 one less, after 400 one more.
  const leaps = Math.floor(inEra / 1460) - Math.floor(inEra / 36_524) + Math.floor(inEra / 146_096);
  const yearOfEra = Math.floor((inEra - leaps) / 365);
  const inYear = inEra - daysBefore(yearOfEra);
  // Months from March on have 153 days in five.
  const fromMarch = Math.floor((5 * inYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = inYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * eraYears + (month < 3 ? 1 : 0), month, day };
}

/** Days of the years of an era before `yearOfEra`, years beginning in March. */
function daysBefore(yearOfEra: number): number {
  return yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
}

/** Days from 1 January 1970 to a date. */
function daysOf(year: number, month: number, day: number): number {
  const fromMarch = month < 3 ? month + 9 : month - 3;
  const counted = month < 3 ? year - 1 : year;
  const era = Math.floor(counted / eraYears);
  const inYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
  return era * eraDays + daysBefore(counted - era * eraYears) + inYear - epochDays;
}

const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339 text with any offset from UTC; a 60th second is refused. Throws a `MarshalError`. */
export function parseTimestamp(text: string): Time {
  const match = timestampPattern.exec(text);
  if (match === null) throw new MarshalError("wrong-type", "expected a time such as 2026-01-31T10:00:20Z");
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const days = month >= 1 && month <= 12 && day >= 1 ? daysOf(year, month, day) : Number.NaN;
  // A day that its month lacks comes back as one of the next month.
  const exists = !Number.isNaN(days) && dateOf(days).day === day && dateOf(days).month === month;
  if (!exists || hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) {
    throw unfit("there is no such time");
  }
  const offset = (offsetHours * 3600 + offsetMinutes * 60) * (match[8] === "-" ? -1 : 1);
  const seconds = BigInt(days * daySeconds + hour * 3600 + minute * 60 + second - offset);
  if (seconds < minTimestamp || seconds > maxTimestamp) throw unfit("the time lies outside the years 1 to 9999");
  return { seconds, nanos: parseNanos(match[7]) };
}

/** `-1.5s` with 0, 3, 6 or 9 digits. Throws a `MarshalError` beyond 10,000 years, or when the signs differ. */
export function formatDuration(time: Time): string {
  checkDuration(time);
  const { seconds, nanos } = time;
  const sign = seconds < 0n || nanos < 0 ? "-" : "";
  return `${sign}${seconds < 0n ? -seconds : seconds}${formatNanos(Math.abs(nanos))}s`;
}

/** Throws a `MarshalError` for what is no Duration: it has up to 315,576,000,000 s, and parts of one sign. */
export function checkDuration({ seconds, nanos }: Time): void {
  if (seconds < -maxDuration || seconds > maxDuration) throw unfit(`${seconds} s are more than ${maxDuration}`);
  if (!(Math.abs(nanos) <= maxNanos)) throw unfit(`${nanos} is not up to ${maxNanos} nanoseconds`);
  if ((seconds < 0n && nanos > 0) || (seconds > 0n && nanos < 0)) throw unfit("seconds and nanos have different signs");
}

/** Reads seconds with up to nine digits behind the dot and an `s`. Throws a `MarshalError`. */
export function parseDuration(text: string): Time {
  const match = /^(-?)(\d{1,20})(?:\.(\d{1,9}))?s$/.exec(text);
  if (match === null) throw new MarshalError("wrong-type", "expected seconds such as 1.5s");
  const [, sign, whole = "", fraction] = match;
  const seconds = BigInt(`${sign}${whole}`);
  checkDuration({ seconds, nanos: 0 });
  const nanos = parseNanos(fraction);
  return { seconds, nanos: sign === "-" && nanos !== 0 ? -nanos : nanos };
}
