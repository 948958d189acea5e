// Marshal layer: message, enum and method types as values, the same for generated code and for the TypeScript builder.
import type { Writer } from "../bytes/writer.ts";
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  Options,
  ServiceDescriptor,
} from "../idl/descriptor.ts";
import type { DefaultsOf } from "./defaults.ts";
import type { ExtensionLayout } from "./extension-bytes.ts";
import type { JsonValue } from "./json/json-value.ts";
import type { Wire } from "./wire.ts";

/** What bounds a decoder. Every default is finite. */
export interface DecodeLimits {
  /** Messages within messages. Default 100. */
  readonly maxDepth: number;
}

/** Turns values of one message type into bytes and back. Peer bytes make `decode` throw a `MarshalError`, nothing else. */
export interface Codec<Message, Init = Message> {
  /** Writes `value` behind what `into` holds, inside its open mark. Throws a `MarshalError` with the field's path. */
  encode(value: Init, into: Writer): void;
  /** Reads one message from exactly `bytes[start..end)`. Nothing of `bytes` is kept: `bytes` fields are copies. */
  decode(bytes: Uint8Array, start: number, end: number, limits: DecodeLimits): Message;
}

/** Finds types by full name: messages that a google.protobuf.Any may hold, and extensions. */
export interface MessageTypes {
  findMessage(typeName: string): MessageType | undefined;
  /** An extension by its full name: JSON has it as `"[full.name]"`. Without it no extension is known. */
  findExtension?(typeName: string): Extension | undefined;
  /** All extensions of the message of that full name. */
  extensionsOf?(typeName: string): readonly Extension[];
}

/** How messages become bytes. */
export interface EncodeOptions {
  /**
   * Write the entries of maps in the order of their keys: equal messages are then equal bytes, within one version of their
   * type and of Farcall. Costs a copy of the message. Default false: maps keep their own order.
   */
  readonly deterministic?: boolean;
}

/** How messages become JSON. */
export interface ToJsonOptions {
  /** Write zeros, empty lists and empty maps too; fields that know of their absence stay away. Default false. */
  readonly emitDefaults?: boolean;
  /** Name fields as the `.proto` does, `is_directory`, and not `isDirectory`. Default false. */
  readonly protoNames?: boolean;
  /** Spaces a level in text. Default 0: all on one line. */
  readonly indent?: number;
  /** The types that an Any may hold. Default none: an Any that holds something is refused. */
  readonly types?: MessageTypes;
}

/** How JSON becomes messages. */
export interface FromJsonOptions {
  /** Pass over fields and names of enum values that the schema lacks. Default false: they are refused. */
  readonly ignoreUnknown?: boolean;
  /** Messages within messages. Default 100. */
  readonly maxDepth?: number;
  /** The types that an Any may hold. Default none: an Any that holds something is refused. */
  readonly types?: MessageTypes;
}

/** How messages become text. */
export interface ToTextOptions {
  /** Spaces a level. Default 2; 0: all on one line. */
  readonly indent?: number;
  /** Write what is not ASCII in strings as escapes. Default false: text stays readable. */
  readonly asciiOnly?: boolean;
  /** Write fields that the schema lacks by their numbers. They cannot be read back. Default false: they are left out. */
  readonly unknownFields?: boolean;
  /** The types that an Any may hold, and the extensions that are known. Default none: an Any shows its bytes. */
  readonly types?: MessageTypes;
}

/** How text becomes messages. */
export interface FromTextOptions {
  /** Pass over fields that the schema lacks. Default false: they are refused, but those whose names are reserved. */
  readonly ignoreUnknown?: boolean;
  /** Messages within messages. Default 100. */
  readonly maxDepth?: number;
  /** The types that an Any may hold, and the extensions that are known. Default none: they are refused. */
  readonly types?: MessageTypes;
}

/** A message type. `Message` is what you get, `Init` the looser form that you may pass. */
export interface MessageType<Message = unknown, Init = Message> {
  readonly kind: "message";
  /** Fully qualified: `dirs.MakeDirArgs`. */
  readonly typeName: string;
  /** Made on first use. */
  readonly descriptor: MessageDescriptor;
  readonly codec: Codec<Message, Init>;
  /** How it is written inside other messages: length and fields. */
  readonly wire: Wire<Message, Init>;
  encode(value: Init, options?: EncodeOptions): Uint8Array;
  decode(bytes: Uint8Array, limits?: Partial<DecodeLimits>): Message;
  /**
   * What fields of one value are read as while they are not set: the default that the `.proto` declares, else zero.
   * `message.port ?? Config.defaults.port`. Fields of a oneof, messages, lists and maps have none. Do not write into it.
   */
  readonly defaults: DefaultsOf<Message>;
  /** A whole message out of a partial one: every field is an own property. */
  create(init?: Init): Message;
  /**
   * Merges `source` into `target`, and returns that: fields that `source` sets win, messages in fields of one value are
   * merged in turn, lists are appended, entries of maps replace those of their key, unknown fields are put behind. It is what
   * decoding the bytes of both in a row would give. Nothing of `source` is shared.
   */
  merge(target: Message, source: Init): Message;
  /**
   * Whether both say the same: each field set in both or in neither, with equal values. NaN equals NaN, a floating -0 is not
   * 0, the order of maps does not count, and unknown fields are equal when their bytes are.
   */
  equals(a: Init, b: Init): boolean;
  /** A whole message that says the same and shares nothing with `value`, unknown fields included. */
  clone(value: Init): Message;
  /**
   * The message in ProtoJSON, ready for `JSON.stringify`. Unknown fields have no form in JSON and are left out. Throws a
   * `MarshalError` with the field's path.
   */
  toJson(value: Init, options?: ToJsonOptions): JsonValue;
  /**
   * A message out of ProtoJSON. Throws a `MarshalError` with the field's path. A 64-bit integer beyond 2^53 must be a
   * string: `JSON.parse` has lost digits of a number already; `fromJsonString` has not.
   */
  fromJson(json: JsonValue, options?: FromJsonOptions): Message;
  /** The message as JSON text. Unlike `JSON.stringify` it keeps the sign of -0. */
  toJsonString(value: Init, options?: ToJsonOptions): string;
  /** A message out of JSON text. A property that stands twice in one object is refused. */
  fromJsonString(text: string, options?: FromJsonOptions): Message;
  /**
   * The message in protobuf's text format (protobuf.dev, "Text Format"), for people and for files that they write: fields by
   * number, maps by key, extensions behind them. Throws a `MarshalError` with the field's path.
   */
  toText(value: Init, options?: ToTextOptions): string;
  /** A message out of text format. Throws a `MarshalError` with the field's path, and its line and column. */
  fromText(text: string, options?: FromTextOptions): Message;
}

/** The message a type stands for: `MessageOf<typeof MakeDirArgs>`. */
export type MessageOf<Type> = Type extends MessageType<infer Message, infer _Init> ? Message : never;
/** What a type accepts where a message is passed. */
export type InitOf<Type> = Type extends MessageType<infer _Message, infer Init> ? Init : never;

/** An enum type. Values are names as written, or numbers that the schema lacks: of a closed enum names only. */
export interface EnumType<Name extends string = string, Value extends Name | number = Name | number> {
  readonly kind: "enum";
  readonly typeName: string;
  readonly descriptor: EnumDescriptor;
  /** Name to number. */
  readonly values: { readonly [name in Name]: number };
  /** Numbers that it lacks go to the unknown fields of the message that holds them, and are refused when written. */
  readonly closed: boolean;
  readonly wire: Wire<Value>;
}

/**
 * A field that a file adds to a message of another. `Message` is that message, `Value` what `getExtension` gives, `Init` what
 * `setExtension` takes.
 */
export interface Extension<Message = unknown, Value = unknown, Init = Value> {
  readonly kind: "extension";
  /** Fully qualified: `dirs.owner`. */
  readonly typeName: string;
  /** Made on first use. */
  readonly descriptor: ExtensionDescriptor;
  /** What it is read as while it is not set: its declared default, else zero; of a message or list a new empty one. */
  readonly default: NonNullable<Value>;
  /** How it looks among the fields of a message. */
  readonly layout: ExtensionLayout;
  /** Carries the types; never there at run time. */
  readonly types?: { readonly message: Message; readonly value: Value; readonly init: Init };
}

/** Who sends one message and who sends many: client and server each. */
export type CallKind = "unary" | "serverStream" | "clientStream" | "bidiStream";
/** RFC-free naming of protobuf's `idempotency_level`. */
export type Idempotency = "unknown" | "no-side-effects" | "idempotent";

/** One procedure of a service. */
export interface Method<
  Kind extends CallKind = CallKind,
  // biome-ignore lint/suspicious/noExplicitAny: a bound that every method fits, in both directions
  Input extends MessageType<any, any> = MessageType<any, any>,
  // biome-ignore lint/suspicious/noExplicitAny: the same
  Output extends MessageType<any, any> = MessageType<any, any>,
> {
  readonly kind: "method";
  readonly callKind: Kind;
  /** As written: `MakeDirectory`. */
  readonly name: string;
  readonly serviceName: string;
  /** `/dirs.Directories/MakeDirectory`. */
  readonly path: string;
  readonly input: Input;
  readonly output: Output;
  /** `idempotency_level` of the method, else what its service says for all of its methods. */
  readonly idempotency: Idempotency;
  /** The deadline that the contract gives its calls (farcall/rpc.proto), in milliseconds; undefined when it gives none. */
  readonly defaultTimeoutMs: number | undefined;
  /** What is written on the method itself, custom options included. */
  readonly options: Options;
  /** Made on first use; absent for a method that belongs to no described service, or whose service a bundler left out. */
  readonly descriptor: MethodDescriptor | undefined;
}

/** A service: procedures by their TypeScript names. */
export interface Service<
  Methods extends { readonly [localName: string]: Method } = { readonly [localName: string]: Method },
> {
  readonly kind: "service";
  /** Fully qualified: `dirs.Directories`. */
  readonly typeName: string;
  readonly methods: Methods;
  readonly descriptor: ServiceDescriptor | undefined;
}
