// Marshal layer: extensions, fields that a file adds to a message of another. A message keeps them among its unknown fields,
// so that who does not know them passes them on; who does reads and sets them with the functions here.
import { ReadError } from "../bytes/reader.ts";
import type { ExtensionDescriptor } from "../idl/descriptor.ts";
import { getOption } from "../idl/option-record.ts";
import { defaultOf } from "./defaults.ts";
import { inField, MarshalError, wrongType } from "./errors.ts";
import { addExtension, dropExtension, type ExtensionLayout, numbersIn, readExtension } from "./extension-bytes.ts";
import { checkMessage } from "./nested.ts";
import { assertRequired } from "./required.ts";
import type { HasUnknown } from "./tags.ts";
import type { Extension } from "./types.ts";
import type { Wire } from "./wire.ts";

/** An extension, with what is worked out about it when it is first used. */
class ExtensionOfWire implements Extension {
  readonly kind = "extension";
  readonly typeName: string;
  readonly #findWire: () => Wire;
  readonly #describe: () => ExtensionDescriptor;
  #descriptor: ExtensionDescriptor | undefined;
  #layout: ExtensionLayout | undefined;

  constructor(typeName: string, findWire: () => Wire, describe: () => ExtensionDescriptor) {
    this.typeName = typeName;
    this.#findWire = findWire;
    this.#describe = describe;
  }

  get descriptor(): ExtensionDescriptor {
    this.#descriptor ??= this.#describe();
    return this.#descriptor;
  }

  get default(): NonNullable<unknown> {
    const { repeated, wire } = this.layout;
    return (repeated ? [] : (defaultOf(this.descriptor) ?? wire.empty())) as NonNullable<unknown>;
  }

  get layout(): ExtensionLayout {
    this.#layout ??= layoutOf(this.descriptor, this.#findWire());
    return this.#layout;
  }
}

function layoutOf({ number, type, cardinality, packed, extendee }: ExtensionDescriptor, wire: Wire): ExtensionLayout {
  return {
    number,
    wire,
    repeated: cardinality === "repeated",
    packed,
    closed: type.kind === "enum" && type.enum.closed,
    inSet: isMessageSet(extendee),
  };
}

function isMessageSet({ options }: ExtensionDescriptor["extendee"]): boolean {
  return getOption(options, "message_set_wire_format") === true;
}

/** Makes an extension of the wire of its values, which is found when it is first used. */
export function extensionType<Message, Value, Init>(
  typeName: string,
  findWire: () => Wire,
  describe: () => ExtensionDescriptor,
): Extension<Message, Value, Init> {
  return new ExtensionOfWire(typeName, findWire, describe) as Extension as Extension<Message, Value, Init>;
}

/**
 * The value of an extension: `undefined`, or an empty list, while it is not set. It is read out of the message's unknown
 * fields each time: what is done to the value is not done to the message, `setExtension` is. Throws a `MarshalError` when
 * the bytes there are not the extension's.
 */
export function getExtension<Message, Value>(
  message: NoInfer<Message>,
  extension: Extension<Message, Value, unknown>,
): Value {
  const kept = keptOf(message);
  const { layout, descriptor, typeName } = extension;
  if (kept === undefined) return (layout.repeated ? [] : undefined) as Value;
  const path = `[${typeName}]`;
  try {
    const { value, incomplete } = readExtension(kept, layout);
    if (incomplete && descriptor.type.kind === "message") {
      for (const one of layout.repeated ? (value as readonly unknown[]) : [value]) {
        assertRequired(descriptor.type.message, one);
      }
    }
    return value as Value;
  } catch (error) {
    if (error instanceof ReadError) throw new MarshalError(error.code, error.message, { path, cause: error });
    throw inField(error, path);
  }
}

/** Whether an extension is set; a list is when it has elements. */
export function hasExtension<Message>(
  message: NoInfer<Message>,
  extension: Extension<Message, unknown, unknown>,
): boolean {
  const value = getExtension(message, extension);
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** Sets an extension of `message` to a copy of `value`. Throws a `MarshalError` for what it cannot hold: nothing is changed. */
export function setExtension<Message, Init>(
  message: NoInfer<Message>,
  extension: Extension<Message, unknown, Init>,
  value: NoInfer<Init>,
): void {
  const { layout, typeName } = extension;
  const kept = keptOf(message);
  const others = kept === undefined ? undefined : dropExtension(kept, layout);
  keep(message, addExtension(others, layout, { value, name: `[${typeName}]` }));
}

/** Makes an extension of `message` unset. */
export function clearExtension<Message>(
  message: NoInfer<Message>,
  extension: Extension<Message, unknown, unknown>,
): void {
  const kept = keptOf(message);
  if (kept !== undefined) keep(message, dropExtension(kept, extension.layout));
}

/** The numbers of what a message of that type keeps beside its fields. */
export function extensionNumbers(message: object, extendee: ExtensionDescriptor["extendee"]): ReadonlySet<number> {
  const kept = keptOf(message);
  try {
    return kept === undefined ? new Set() : numbersIn(kept, isMessageSet(extendee));
  } catch (error) {
    if (error instanceof ReadError)
      throw new MarshalError(error.code, error.message, { path: "$unknown", cause: error });
    throw inField(error, "$unknown");
  }
}

/** The unknown fields of a message. Throws a `MarshalError` for what is none, or has others than bytes. */
export function keptOf(message: unknown): Uint8Array | undefined {
  checkMessage(message, "");
  const { $unknown } = message as HasUnknown;
  if ($unknown === undefined || $unknown instanceof Uint8Array) return $unknown;
  throw wrongType("a Uint8Array", $unknown, "$unknown");
}

function keep(message: unknown, bytes: Uint8Array | undefined): void {
  const open = message as HasUnknown;
  if (bytes === undefined || bytes.length === 0) delete open.$unknown;
  else open.$unknown = bytes;
}
