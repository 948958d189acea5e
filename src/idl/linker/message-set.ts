// IDL layer, linker: message sets, whose numbers are types and not fields.
import type { MessageDescriptor } from "../descriptor.ts";
import { getOption } from "../option-record.ts";
import { maxEnumNumber } from "../parser/range.ts";

/** The highest number of an extension of a message set: all that 31 bits hold but the last. */
export const maxSetNumber = maxEnumNumber - 1;

/** Whether a message is a message set; its options must be read. */
export function isMessageSet({ options }: MessageDescriptor): boolean {
  return getOption(options, "message_set_wire_format") === true;
}
