// Marshal layer, ProtoJSON: what a message type does with JSON. Nothing is worked out before the first call.
import type { MessageDescriptor } from "../../idl/descriptor.ts";
import type { FromJsonOptions, ToJsonOptions } from "../types.ts";
import { defaultMaxDepth } from "../wire.ts";
import { MessageFormatter } from "./format-message.ts";
import type { JsonValue } from "./json-value.ts";
import { parseJson } from "./parse-json.ts";
import { MessageParser } from "./parse-message.ts";
import { printJson } from "./print-json.ts";
import { JsonSchema } from "./schema.ts";

/** The JSON of one message type. Every function throws a `MarshalError` with the path of what does not fit. */
export class MessageJson {
  readonly #descriptor: MessageDescriptor;
  readonly #schema = new JsonSchema();

  constructor(descriptor: MessageDescriptor) {
    this.#descriptor = descriptor;
  }

  format(value: unknown, options: ToJsonOptions): JsonValue {
    return new MessageFormatter(this.#schema, options).format(this.#descriptor, value, 0);
  }

  print(value: unknown, options: ToJsonOptions): string {
    return printJson(this.format(value, options), options.indent);
  }

  /** A form of the message that its type accepts. */
  parse(json: unknown, options: FromJsonOptions): object {
    return new MessageParser(this.#schema, options).parse(this.#descriptor, json, 0);
  }

  /** The same for text. */
  parseText(text: string, options: FromJsonOptions): object {
    // A message in JSON is an object, perhaps in an array or in the object of a map.
    const maxLevels = 2 * (options.maxDepth ?? defaultMaxDepth) + 2;
    return this.parse(parseJson(text, maxLevels), options);
  }
}
