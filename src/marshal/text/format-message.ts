// Marshal layer, text format: messages as text (https://protobuf.dev/reference/protobuf/textformat-spec/), the same for equal
// messages: fields by number, maps by key, extensions by number behind them.

import type { EnumDescriptor, MessageDescriptor, ScalarType } from "../../idl/descriptor.ts";
import { type Int64Form, int64FormOf, int64KeyFormOf } from "../../idl/int64-form.ts";
import { entrySegment, inField, MarshalError, outOfRange, wrongType } from "../errors.ts";
import { clearExtension, extensionNumbers, getExtension } from "../extensions.ts";
import { formatScalar } from "../json/scalar-json.ts";
import { checkMessage } from "../nested.ts";
import { isOneof, unknownKind } from "../oneofs.ts";
import type { HasUnknown } from "../tags.ts";
import { typeNameOf } from "../type-url.ts";
import type { Extension, ToTextOptions } from "../types.ts";
import { isZero, sortMaps, type WholeMessage } from "../whole-message.ts";
import { defaultMaxDepth } from "../wire.ts";
import { TextLines } from "./lines.ts";
import { quoteBytes, quoteText } from "./quote.ts";
import { type AnyField, TextSchema, textNameOf } from "./schema.ts";
import { formatUnknown } from "./unknown-fields.ts";

/** Writes `message`, which `create` made: its maps are put in order. Throws a `MarshalError`. */
export function formatText(descriptor: MessageDescriptor, message: WholeMessage, options: ToTextOptions): string {
  return new TextFormatter(options).format(descriptor, message);
}

const defaultIndent = 2;

class TextFormatter {
  readonly #options: ToTextOptions;
  readonly #lines: TextLines;
  readonly #schema = new TextSchema();

  constructor(options: ToTextOptions) {
    this.#options = options;
    this.#lines = new TextLines(options.indent ?? defaultIndent);
  }

  format(descriptor: MessageDescriptor, message: WholeMessage): string {
    sortMaps(message);
    this.#message(descriptor, message, 0);
    return this.#lines.toString();
  }

  /** `depth` counts the messages around this one. */
  #message(descriptor: MessageDescriptor, value: unknown, depth: number): void {
    checkMessage(value, "");
    if (depth > defaultMaxDepth) {
      throw new MarshalError("too-deep", `more than ${defaultMaxDepth} messages within messages`);
    }
    const message = value as WholeMessage;
    if (descriptor.fullName === "google.protobuf.Any" && this.#any(message, depth)) return;
    for (const { localName, fields } of descriptor.oneofs) {
      const chosen = message[localName] as { readonly kind: string } | undefined;
      if (isOneof(chosen, localName) && !fields.some((field) => field.localName === chosen.kind)) {
        throw unknownKind(chosen, localName);
      }
    }
    for (const field of this.#schema.inOrder(descriptor)) {
      const { oneof, localName } = field;
      const chosen =
        oneof && (message[oneof.localName] as { readonly kind: string; readonly value: unknown } | undefined);
      const held = oneof === undefined ? message[localName] : chosen?.kind === localName ? chosen.value : undefined;
      if (held === undefined && chosen?.kind !== localName) continue;
      const implicit = field.cardinality === "singular" && field.presence === "implicit";
      if (implicit && isZero(field.type, held)) continue;
      try {
        this.#content(field, held, depth);
      } catch (error) {
        throw inField(error, oneof === undefined ? localName : `${oneof.localName}.value`);
      }
    }
    if (message.$unknown !== undefined) this.#beyond(descriptor, message, depth);
  }

  /** Extensions that are known, and, when asked for, fields that are not. */
  #beyond(descriptor: MessageDescriptor, message: WholeMessage, depth: number): void {
    const numbers = extensionNumbers(message, descriptor);
    const known = (this.#options.types?.extensionsOf?.(descriptor.fullName) ?? [])
      .filter((extension) => numbers.has(extension.descriptor.number))
      .toSorted((one, other) => one.descriptor.number - other.descriptor.number);
    const shown: Extension[] = [];
    for (const extension of known) {
      const value = getExtension(message, extension);
      if (value === undefined) continue;
      shown.push(extension);
      if (typeof value === "object" && value !== null) sortMaps(value);
      try {
        this.#content(extension.descriptor, value, depth);
      } catch (error) {
        throw inField(error, textNameOf(extension.descriptor));
      }
    }
    if (this.#options.unknownFields !== true) return;
    const rest: HasUnknown = { $unknown: message.$unknown as Uint8Array };
    for (const extension of shown) clearExtension(rest, extension);
    if (rest.$unknown !== undefined) formatUnknown(this.#lines, rest.$unknown);
  }

  #content(field: AnyField, value: unknown, depth: number): void {
    const name = textNameOf(field);
    if (field.kind === "field" && field.cardinality === "map") {
      for (const [key, one] of value as ReadonlyMap<unknown, unknown>) {
        this.#within(entrySegment(key), () =>
          this.#lines.block(name, () => {
            this.#lines.add(`key: ${this.#scalar(field.mapKey as ScalarType, key, int64KeyFormOf(field))}`);
            this.#value("value", field, one, depth);
          }),
        );
      }
      return;
    }
    if (field.cardinality === "singular") return this.#value(name, field, value, depth);
    if (!Array.isArray(value)) throw wrongType("an array", value, "");
    for (const [index, one] of value.entries()) {
      this.#within(`[${index}]`, () => this.#value(name, field, one, depth));
    }
  }

  #within(segment: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      throw inField(error, segment);
    }
  }

  /** One value: of the field, of an element of a list, of a map's entry. */
  #value(name: string, field: AnyField, value: unknown, depth: number): void {
    const { type } = field;
    if (type.kind === "scalar") this.#lines.add(`${name}: ${this.#scalar(type.scalar, value, int64FormOf(field))}`);
    else if (type.kind === "enum") this.#lines.add(`${name}: ${this.#enum(type.enum, value)}`);
    else this.#lines.block(name, () => this.#message(type.message, value, depth + 1));
  }

  #scalar(type: ScalarType, value: unknown, form: Int64Form | undefined): string {
    if (type === "bytes") {
      if (!(value instanceof Uint8Array)) throw wrongType("a Uint8Array", value, "");
      return quoteBytes(value);
    }
    if (type === "double" || type === "float") return formatFloat(formatScalar(type, value));
    const checked = formatScalar(type, value, form);
    return type === "string" ? quoteText(checked as string, this.#options.asciiOnly === true) : String(checked);
  }

  #enum(descriptor: EnumDescriptor, value: unknown): string {
    const { byName, byNumber } = this.#schema.enums.of(descriptor);
    const number = typeof value === "string" ? byName.get(value) : value;
    if (typeof number === "number") {
      if ((number | 0) !== number) throw outOfRange("a 32-bit integer", number, "");
      const name = byNumber.get(number);
      if (name !== undefined || !descriptor.closed) return name ?? String(number);
      throw new MarshalError("unknown-name", `${descriptor.fullName} is closed and has no value ${number}`);
    }
    if (typeof value !== "string") throw wrongType(`a value of ${descriptor.fullName}`, value, "");
    throw new MarshalError("unknown-name", `${descriptor.fullName} has no value ${JSON.stringify(value)}`);
  }

  /** True: what the Any holds was written out, since its type is known and its bytes are of that type. */
  #any({ typeUrl, value }: WholeMessage, depth: number): boolean {
    if (typeof typeUrl !== "string" || !/^[\w.\-~%/]*\/[\w.]+$/.test(typeUrl) || !(value instanceof Uint8Array))
      return false;
    const type = this.#options.types?.findMessage(typeNameOf(typeUrl));
    if (type === undefined) return false;
    let held: WholeMessage;
    try {
      held = type.decode(value) as WholeMessage;
    } catch (error) {
      if (error instanceof MarshalError) return false;
      throw error;
    }
    sortMaps(held);
    this.#lines.block(`[${typeUrl}]`, () => this.#message(type.descriptor, held, depth + 1));
    return true;
  }
}

/** A number as JSON has it: what is not finite is a word there. */
function formatFloat(json: unknown): string {
  if (typeof json === "number") return Object.is(json, -0) ? "-0" : String(json);
  return json === "NaN" ? "nan" : json === "Infinity" ? "inf" : "-inf";
}
