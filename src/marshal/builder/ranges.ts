// Marshal layer, builder: numbers and names that a message or an enum sets aside.
import type { Annotated } from "./options.ts";

/** Numbers; a pair is a range with both ends included. */
export type Numbers = readonly (number | readonly [first: number, last: number])[];

/** Numbers of a message that extensions may have: alone, or with what is said of the extensions to come. */
export type ExtensionRangeInit = number | readonly [first: number, last: number] | ExtensionRangeSpec;

/** A range of numbers for extensions, and what is said of those. */
export interface ExtensionRangeSpec extends Pick<Annotated, "options"> {
  readonly numbers: Numbers;
  /** The extensions that may be there; no others may then. */
  readonly declarations?: readonly ExtensionDeclaration[];
  /** UNVERIFIED: extensions need no declaration. */
  readonly verification?: "DECLARATION" | "UNVERIFIED";
}

/** An extension that a range declares before it is defined. */
export interface ExtensionDeclaration {
  readonly number: number;
  /** `dirs.owner`. */
  readonly fullName: string;
  /** A scalar type, `string`, or the full name of a message or enum. */
  readonly type: string;
  readonly repeated?: boolean;
  /** The number must not be used. */
  readonly reserved?: boolean;
}

/** The numbers of ranges. */
export function numbersOf(ranges: readonly ExtensionRangeInit[]): Numbers {
  return ranges.flatMap((one) => (typeof one === "object" && "numbers" in one ? one.numbers : [one]));
}

/** Names and numbers that must not be used (again). */
export interface Reserved {
  readonly numbers?: Numbers;
  readonly names?: readonly string[];
}

/** True when `number` is one of `numbers`. */
export function isAmong(number: number, numbers: Numbers): boolean {
  return numbers.some((one) => (typeof one === "number" ? one === number : number >= one[0] && number <= one[1]));
}
