// Marshal layer: message types as values. Whoever makes one - generated code, the builder - hands in four functions over its
// fields; the rest, from lengths to errors and limits, is the same for all.
import { ReadError, Reader } from "../bytes/reader.ts";
import { ValueChunks, Writer } from "../bytes/writer.ts";
import type { MessageDescriptor } from "../idl/descriptor.ts";
import { type DefaultsOf, defaultsOf } from "./defaults.ts";
import { MarshalError } from "./errors.ts";
import { pathAt } from "./fault-path.ts";
import { groupWire } from "./groups.ts";
import type { JsonValue } from "./json/json-value.ts";
import { MessageJson } from "./json/message-json.ts";
import { checkMessage, type ReadFields, readNested, type WriteFields, writeNested } from "./nested.ts";
import { assertRequired } from "./required.ts";
import { wireTypes } from "./tags.ts";
import { formatText } from "./text/format-message.ts";
import { parseText } from "./text/parse-message.ts";
import type {
  Codec,
  DecodeLimits,
  EncodeOptions,
  FromJsonOptions,
  FromTextOptions,
  MessageType,
  ToJsonOptions,
  ToTextOptions,
} from "./types.ts";
import { areEqual, detachBytes, mergeInto, sortMaps, type WholeMessage } from "./whole-message.ts";
import { defaultMaxDepth, type Wire } from "./wire.ts";

/** What is particular to one message type. */
export interface MessageFields<Message, Init> {
  readonly write: WriteFields<Init>;
  /** Where a required field is missing at the end, it says that the reader is `incomplete`. */
  readonly read: ReadFields<Message>;
  /**
   * A message of which nothing is set, for `read` to fill in: each field an own property, always in the same order.
   * `bytes` fields are `unsetBytes` until `read` is done.
   */
  readonly empty: () => Message;
  /** A whole message out of an accepted form, nested ones included. */
  readonly create: (init: Init) => Message;
}

/** The limits of a decoder that is given none. */
export const defaultDecodeLimits: DecodeLimits = { maxDepth: defaultMaxDepth };

class MessageOfFields<Message, Init> implements MessageType<Message, Init> {
  readonly kind = "message";
  readonly typeName: string;
  readonly wire: Wire<Message, Init>;
  readonly codec: Codec<Message, Init>;
  readonly #fields: MessageFields<Message, Init>;
  readonly #describe: () => MessageDescriptor;
  #descriptor: MessageDescriptor | undefined;
  #defaults: DefaultsOf<Message> | undefined;
  #json: MessageJson | undefined;
  /** A writer at rest: absent while it is in use, since a value's getter may encode too. */
  #writer: Writer | undefined;

  constructor(typeName: string, fields: MessageFields<Message, Init>, describe: () => MessageDescriptor) {
    this.typeName = typeName;
    this.#fields = fields;
    this.#describe = describe;
    const { write, read, empty, create } = fields;
    const wire: Wire<Message, Init> = {
      wireType: wireTypes.sized,
      write: (into, at, tag, value, name, depth) => writeNested(into, at, tag, value, name, write, depth),
      read: (from, previous) => readNested(from, previous ?? empty(), read),
      empty: () => create({} as Init),
      create: (init) => {
        checkMessage(init, "");
        return create(init);
      },
      grouped: (number) => groupWire(number, wire, fields),
    };
    this.wire = wire;
    this.codec = {
      encode: (value, into) => this.#encode(value, into),
      decode: (bytes, start, end, limits) => this.#decode(bytes, start, end, limits),
    };
  }

  get descriptor(): MessageDescriptor {
    this.#descriptor ??= this.#describe();
    return this.#descriptor;
  }

  get defaults(): DefaultsOf<Message> {
    this.#defaults ??= defaultsOf(this.descriptor) as DefaultsOf<Message>;
    return this.#defaults;
  }

  encode(value: Init, options?: EncodeOptions): Uint8Array {
    if (options?.deterministic === true) return this.encode(this.#sorted(value) as Init);
    const writer = this.#writer ?? new Writer(new ValueChunks());
    this.#writer = undefined;
    this.#encode(value, writer);
    const bytes = writer.takeValue();
    this.#writer = writer;
    return bytes;
  }

  decode(bytes: Uint8Array, limits?: Partial<DecodeLimits>): Message {
    return this.#decode(
      bytes,
      0,
      bytes.length,
      limits === undefined ? defaultDecodeLimits : { ...defaultDecodeLimits, ...limits },
    );
  }

  create(init: Init = {} as Init): Message {
    try {
      return withEnd(() => this.wire.create(init));
    } catch (error) {
      throw error instanceof MarshalError ? this.#placed(error, init) : error;
    }
  }

  merge(target: Message, source: Init): Message {
    checkMessage(target, "");
    mergeInto(this.descriptor, target as WholeMessage, this.clone(source) as WholeMessage);
    return target;
  }

  equals(a: Init, b: Init): boolean {
    return areEqual(this.descriptor, this.#whole(a), this.#whole(b));
  }

  clone(value: Init): Message {
    const copy = this.#whole(value);
    withEnd(() => detachBytes(copy));
    return copy as Message;
  }

  toJson(value: Init, options: ToJsonOptions = {}): JsonValue {
    return this.#jsonOf().format(value, options);
  }

  fromJson(json: JsonValue, options: FromJsonOptions = {}): Message {
    return this.create(this.#jsonOf().parse(json, options) as Init);
  }

  toJsonString(value: Init, options: ToJsonOptions = {}): string {
    return this.#jsonOf().print(value, options);
  }

  fromJsonString(text: string, options: FromJsonOptions = {}): Message {
    return this.create(this.#jsonOf().parseText(text, options) as Init);
  }

  toText(value: Init, options: ToTextOptions = {}): string {
    return formatText(this.descriptor, this.#whole(value), options);
  }

  fromText(text: string, options: FromTextOptions = {}): Message {
    return this.create(parseText(this.descriptor, text, options) as Init);
  }

  #whole(value: Init): WholeMessage {
    checkMessage(value, "");
    return this.create(value) as WholeMessage;
  }

  #sorted(value: Init): WholeMessage {
    const whole = this.#whole(value);
    withEnd(() => sortMaps(whole));
    return whole;
  }

  #jsonOf(): MessageJson {
    this.#json ??= new MessageJson(this.descriptor);
    return this.#json;
  }

  /** What `create` refused, with the path that an encoder gives it: making a message keeps no track of where it is. */
  #placed(error: MarshalError, value: Init): MarshalError {
    try {
      this.#encode(value, new Writer());
    } catch (refusal) {
      if (refusal instanceof MarshalError && refusal.code === error.code) return refusal;
    }
    return error;
  }

  #encode(value: Init, into: Writer): void {
    const offset = into.offset();
    try {
      into.position = this.#fields.write(into, into.position, value, 0);
    } catch (error) {
      into.rewind(offset);
      throw error;
    }
  }

  #decode(bytes: Uint8Array, start: number, end: number, limits: DecodeLimits): Message {
    const from = new Reader(bytes, start, end, limits.maxDepth);
    const message = this.#fields.empty();
    try {
      this.#fields.read(from, message);
    } catch (error) {
      throw this.#locate(error, bytes, start, end);
    }
    if (from.incomplete) assertRequired(this.descriptor, message);
    return message;
  }

  /** The error with the path of the field at its offset; errors of other kinds stay as they are. */
  #locate(error: unknown, bytes: Uint8Array, start: number, end: number): unknown {
    if (!(error instanceof ReadError || error instanceof MarshalError) || error.offset === undefined) return error;
    const { code, offset } = error;
    const path = pathAt(this.descriptor, { bytes, start, end, offset });
    return new MarshalError(code, error instanceof MarshalError ? error.detail : error.message, { path, offset });
  }
}

/** What `task` makes of a value; refuses one without end. */
function withEnd<Result>(task: () => Result): Result {
  try {
    return task();
  } catch (error) {
    // Only a value without end uses up the stack here.
    if (!(error instanceof RangeError)) throw error;
    throw new MarshalError("too-deep", "the value contains itself, or too many messages within messages");
  }
}

/** Makes a message type; `describe` is called when its descriptor is first asked for. */
export function messageType<Message, Init = Message>(
  typeName: string,
  fields: MessageFields<Message, Init>,
  describe: () => MessageDescriptor,
): MessageType<Message, Init> {
  return new MessageOfFields(typeName, fields, describe);
}
