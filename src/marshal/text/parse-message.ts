// Marshal layer, text format: messages out of text (https://protobuf.dev/reference/protobuf/textformat-spec/). It gives a form
// that the message's type accepts, to be completed by it.

import type { FieldDescriptor, MessageDescriptor, ScalarType } from "../../idl/descriptor.ts";
import { int64FormOf } from "../../idl/int64-form.ts";
import { defaultOf } from "../defaults.ts";
import { inField } from "../errors.ts";
import { setExtension } from "../extensions.ts";
import { scalarInForm } from "../int64-wires.ts";
import { scalarWires } from "../scalar-wires.ts";
import { typeNameOf } from "../type-url.ts";
import type { Extension, FromTextOptions } from "../types.ts";
import { defaultMaxDepth } from "../wire.ts";
import { TextCursor } from "./cursor.ts";
import { parseEnumText, parseScalarText } from "./parse-value.ts";
import { type AnyField, TextSchema } from "./schema.ts";
import { skipValue, takeBracketName } from "./skip.ts";

type OpenMessage = { [localName: string]: unknown };

/** Reads a message, which must be all of `text`. Throws a `MarshalError`. */
export function parseText(descriptor: MessageDescriptor, text: string, options: FromTextOptions): object {
  return new TextParser(new TextCursor(text), options).parse(descriptor, undefined, 0);
}

/** A message while it is read. */
interface Body {
  readonly descriptor: MessageDescriptor;
  readonly message: OpenMessage;
  readonly seen: Set<AnyField>;
  /** The values of extensions, which are set when the message ends. */
  readonly extensions: Map<Extension, unknown>;
  readonly depth: number;
}

/** What a name stands for. */
interface FoundField {
  readonly field: AnyField;
  /** Only when the field is one. */
  readonly extension: Extension | undefined;
}

const anyName = "google.protobuf.Any";

class TextParser {
  readonly #cursor: TextCursor;
  readonly #options: FromTextOptions;
  readonly #maxDepth: number;
  readonly #schema = new TextSchema();

  constructor(cursor: TextCursor, options: FromTextOptions) {
    this.#cursor = cursor;
    this.#options = options;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
  }

  /** Reads fields up to and with `close`, or up to the end of the text. `depth` counts the messages around this one. */
  parse(descriptor: MessageDescriptor, close: string | undefined, depth: number): OpenMessage {
    const cursor = this.#cursor;
    if (depth > this.#maxDepth) cursor.fail("too-deep", `more than ${this.#maxDepth} messages within messages`);
    const body: Body = { descriptor, message: {}, seen: new Set(), extensions: new Map(), depth };
    while (close === undefined ? !cursor.atEnd : !cursor.is(close)) {
      this.#entry(body, close);
      if (!cursor.takeIf(",")) cursor.takeIf(";");
    }
    for (const [extension, value] of body.extensions) {
      cursor.located(() => setExtension(body.message, extension, value));
    }
    const missing = descriptor.fields.find((field) => field.required === true && !body.seen.has(field));
    if (missing !== undefined) cursor.fail("missing-field", `the required field ${missing.name} is not set`);
    cursor.take();
    return body.message;
  }

  #entry(body: Body, close: string | undefined): void {
    const cursor = this.#cursor;
    const { at } = cursor;
    if (cursor.takeIf("[")) {
      const name = takeBracketName(cursor);
      if (name.includes("/")) this.#any(body, name, at);
      else this.#extension(body, name, at);
      return;
    }
    if (cursor.token.kind === "integer") cursor.failExpected("the name of a field (numbers cannot be read back)");
    if (cursor.token.kind !== "name") {
      cursor.failExpected(`the name of a field${close === undefined ? "" : ` or "${close}"`}`);
    }
    const name = cursor.take().text;
    const field = this.#schema.findField(body.descriptor, name);
    if (field !== undefined) this.#field({ field, extension: undefined }, body, at);
    else this.#unknown(body, name, at);
  }

  /** What a field was called once may still stand in old texts. */
  #unknown({ descriptor, depth }: Body, name: string, at: number): void {
    if (this.#options.ignoreUnknown !== true && !descriptor.reservedNames.includes(name)) {
      this.#cursor.fail("unknown-field", `${descriptor.fullName} has no field ${name}`, at);
    }
    skipValue(this.#cursor, { left: this.#maxDepth - depth });
  }

  #extension(body: Body, name: string, at: number): void {
    const extension = this.#options.types?.findExtension?.(name);
    if (extension?.descriptor.extendee.fullName !== body.descriptor.fullName) this.#unknown(body, `[${name}]`, at);
    else this.#field({ field: extension.descriptor, extension }, body, at);
  }

  #field({ field, extension }: FoundField, body: Body, at: number): void {
    const { message, seen, extensions, depth } = body;
    try {
      if (field.cardinality === "singular" && seen.has(field)) {
        this.#cursor.fail("duplicate-field", "the field is set twice", at);
      }
      seen.add(field);
      const oneof = field.kind === "field" ? field.oneof : undefined;
      if (oneof !== undefined && message[oneof.localName] !== undefined) {
        this.#cursor.fail("duplicate-field", `another field of the oneof ${oneof.name} is set too`, at);
      }
      const before = field.kind === "field" ? message[field.localName] : extensions.get(extension as Extension);
      const value = this.#content(field, before, depth);
      if (extension !== undefined) extensions.set(extension, value);
      else if (field.kind === "field" && oneof !== undefined) {
        message[oneof.localName] = { kind: field.localName, value };
      } else if (field.kind === "field") message[field.localName] = value;
    } catch (error) {
      throw inField(error, segmentOf(field));
    }
  }

  /** What a field holds when the value that comes next is added to what was `before`. */
  #content(field: AnyField, before: unknown, depth: number): unknown {
    const cursor = this.#cursor;
    const colon = cursor.takeIf(":");
    const isMessage = field.cardinality === "map" || field.type.kind === "message";
    if (!colon && !isMessage) cursor.failExpected('":"');
    if (field.cardinality === "singular") return this.#value(field, depth);
    if (field.kind === "extension" || field.cardinality === "repeated") {
      const values = (before ?? []) as unknown[];
      this.#each(() => {
        try {
          values.push(this.#value(field, depth));
        } catch (error) {
          throw inField(error, `[${values.length}]`);
        }
      });
      return values;
    }
    const map = (before ?? new Map()) as Map<unknown, unknown>;
    this.#each(() => this.#mapEntry(field, map, depth));
    return map;
  }

  /** One value, or a list of them in brackets. */
  #each(read: () => void): void {
    const cursor = this.#cursor;
    if (!cursor.takeIf("[")) read();
    else if (!cursor.takeIf("]")) {
      do read();
      while (cursor.takeIf(","));
      cursor.expect("]", "after the list");
    }
  }

  /** `{ key: ... value: ... }`; a side that is missing is zero. Of entries with one key the last counts. */
  #mapEntry(field: FieldDescriptor, map: Map<unknown, unknown>, depth: number): void {
    const cursor = this.#cursor;
    const close = this.#open();
    const mapKey = field.mapKey as ScalarType;
    const sides: { key?: unknown; value?: unknown } = {};
    while (!cursor.takeIf(close)) {
      const side = cursor.is("key")
        ? "key"
        : cursor.is("value")
          ? "value"
          : cursor.failExpected(`key, value or "${close}"`);
      if (side in sides) cursor.fail("duplicate-field", `the ${side} is set twice`);
      cursor.take();
      const colon = cursor.takeIf(":");
      if (!colon && (side === "key" || field.type.kind !== "message")) cursor.failExpected('":"');
      sides[side] = side === "key" ? parseScalarText(cursor, mapKey) : this.#value(field, depth);
      if (!cursor.takeIf(",")) cursor.takeIf(";");
    }
    map.set(sides.key ?? scalarWires[mapKey].empty(), sides.value ?? emptyValue(field));
  }

  /** One value: of the field, of an element of a list, of a map's entry. */
  #value(field: AnyField, depth: number): unknown {
    const { type } = field;
    const cursor = this.#cursor;
    if (type.kind === "scalar") {
      const { at } = cursor;
      const value = parseScalarText(cursor, type.scalar);
      return cursor.located(() => scalarInForm(value, int64FormOf(field)), at);
    }
    if (type.kind === "enum") return parseEnumText(this.#cursor, type.enum, this.#schema.enums);
    return this.parse(type.message, this.#open(), depth + 1);
  }

  /** Takes the brace that a message begins with, and gives the one that ends it. */
  #open(): string {
    if (this.#cursor.takeIf("{")) return "}";
    return this.#cursor.takeIf("<") ? ">" : this.#cursor.failExpected('"{"');
  }

  /** `[type.googleapis.com/dirs.Entry] { ... }`: what an Any holds, written out. */
  #any(body: Body, url: string, at: number): void {
    const cursor = this.#cursor;
    const { descriptor, message, seen, depth } = body;
    if (descriptor.fullName !== anyName) {
      cursor.fail("unknown-field", `only ${anyName} takes [${url}], and this is ${descriptor.fullName}`, at);
    }
    if (seen.size > 0) cursor.fail("duplicate-field", "the Any holds something already", at);
    for (const field of descriptor.fields) seen.add(field);
    const typeName = typeNameOf(url);
    const type = this.#options.types?.findMessage(typeName);
    if (type === undefined) return cursor.fail("unknown-type", `${typeName} is not among the types that are known`, at);
    cursor.takeIf(":");
    try {
      const held = this.parse(type.descriptor, this.#open(), depth + 1);
      message["typeUrl"] = url;
      message["value"] = cursor.located(() => type.encode(held), at);
    } catch (error) {
      throw inField(error, `[${url}]`);
    }
  }
}

function emptyValue(field: FieldDescriptor): unknown {
  return field.type.kind === "message" ? {} : defaultOf({ ...field, cardinality: "singular" });
}

/** A field in a path; an extension goes by its full name. */
function segmentOf(field: AnyField): string {
  if (field.kind === "extension") return `[${field.fullName}]`;
  return field.oneof === undefined ? field.localName : `${field.oneof.localName}.value`;
}
