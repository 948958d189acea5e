// RPC layer: checks of options, when they are given. Each throws a `UsageError` that names the option, what was given and
// what may be. They change nothing and know no defaults.
import { UsageError } from "./call-error.ts";

/** The error for an option that cannot be what it is. `fix` is advice: "give 1 or more". */
export function badOption(name: string, value: unknown, fix: string): UsageError {
  return new UsageError("BAD_OPTION", `${name} is ${String(value)}; ${fix}`);
}

/** A whole number from `min` on, or Infinity. */
export function checkCount(name: string, value: number, min: number): void {
  if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= min)) return;
  throw new UsageError("BAD_OPTION", `${name} is a whole number from ${min} on, or Infinity, not ${String(value)}`);
}

/** Milliseconds from 0 on, or Infinity. */
export function checkDuration(name: string, value: number): void {
  if (!(typeof value === "number" && value >= 0)) throw badOption(name, value, "give milliseconds, 0 or more");
}

/** What is written into every request's head: printable ASCII; between words blanks where `blanks` says so. */
export function checkFieldText(name: string, value: string, blanks: boolean): void {
  const good = blanks ? /^[\x21-\x7e]+(?: +[\x21-\x7e]+)*$/ : /^[\x21-\x7e]+$/;
  if (typeof value === "string" && good.test(value)) return;
  throw badOption(
    name,
    JSON.stringify(value),
    `give printable ASCII without ${blanks ? "blanks at its ends" : "blanks"}`,
  );
}
