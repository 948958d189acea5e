// Marshal layer, descriptor sets: the message types that map fields have for their entries, told by an option.
import { bool, optional } from "../builder/fields.ts";
import { message } from "../builder/message.ts";
import type { MessageProto } from "./protos.ts";

const EntryOption = /* @__PURE__ */ message("google.protobuf.MessageOptions", { mapEntry: optional(bool(7)) });

/** True for the entry type of a map field. Throws a `MarshalError` when its options cannot be read. */
export function isMapEntry({ options }: MessageProto): boolean {
  return options !== undefined && EntryOption.decode(options).mapEntry === true;
}
