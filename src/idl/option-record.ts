// IDL layer: reading and setting entries of an `Options` record, whose names come from a text and may be any word.
import type { Options, OptionValue } from "./descriptor.ts";

/** The value of an option, or undefined when it is not set; `constructor` and its like are not set unless they are. */
export function getOption(options: Options, name: string): OptionValue | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

/** Sets an option in a record that is still being made. */
export function setOption(options: Options, name: string, value: OptionValue): void {
  Object.defineProperty(options, name, { value, writable: true, enumerable: true, configurable: true });
}
