// Marshal layer, builder: the messages of protobuf's own that hold options: extensions of them are custom options.

import { messageType } from "../message-type.ts";
import { optionsFile } from "../rpc-options-file.ts";
import type { MessageType } from "../types.ts";
import { lateFields } from "./message.ts";

/** Options of one kind of thing. Its fields do not matter here: who sets an option writes `option(...)`. */
export type OptionTarget = MessageType<{ $unknown?: Uint8Array }, { readonly $unknown?: Uint8Array | undefined }>;

function target(name: string): OptionTarget {
  const describe = () => {
    const found = optionsFile().messages.find((one) => one.name === name);
    if (found === undefined) throw new TypeError(`descriptor.proto lacks ${name}`);
    return found;
  };
  return messageType(`google.protobuf.${name}`, lateFields({}), describe) as unknown as OptionTarget;
}

/**
 * What can be extended to declare a custom option, by what it is written on:
 * `const owner = extend(optionsOf.field, "dirs.owner", string(50001))`, then `string(1, { options: option(owner, "Ada") })`.
 */
export const optionsOf = /* @__PURE__ */ targets();

function targets() {
  return {
    file: target("FileOptions"),
    message: target("MessageOptions"),
    field: target("FieldOptions"),
    oneof: target("OneofOptions"),
    enum: target("EnumOptions"),
    enumValue: target("EnumValueOptions"),
    service: target("ServiceOptions"),
    method: target("MethodOptions"),
    extensionRange: target("ExtensionRangeOptions"),
    features: target("FeatureSet"),
  } as const;
}
