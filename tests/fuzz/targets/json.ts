// Fuzz target: ProtoJSON. A text is refused with a `MarshalError` or is a message that comes back, as text, as a value and as
// bytes; what is taken, `JSON.parse` takes, and to the same message. No text changes the prototype of anything.
import assert from "node:assert/strict";
import { type JsonValue, MarshalError, type MessageType } from "farcall/marshal";
import { Everything, Known, types } from "../../support/marshal/json-types.ts";
import { goldenRows } from "../../support/marshal/rows.ts";

const kinds = [Everything, Known] as readonly MessageType<object>[];
const options = { types, maxDepth: 20 };
const prototypes = [Object.prototype, Array.prototype, Map.prototype, Function.prototype];
const untouched = prototypes.map((one) => Reflect.ownKeys(one).length);

type Outcome = { readonly message: object } | { readonly error: MarshalError };

function attempt(parse: () => object): Outcome {
  try {
    return { message: parse() };
  } catch (error) {
    if (error instanceof MarshalError) return { error };
    throw error;
  }
}

export function fuzz(input: Uint8Array): void {
  const type = kinds[(input[0] ?? 0) % kinds.length] as MessageType<object>;
  const ignoreUnknown = (input[0] ?? 0) >= 128;
  const text = Buffer.from(input.subarray(1)).toString("utf8");
  const outcome = attempt(() => type.fromJsonString(text, { ...options, ignoreUnknown }));
  if ("message" in outcome) checkMessage(type, outcome.message);
  checkNative(type, { text, ignoreUnknown, outcome });
  assert.deepEqual(
    prototypes.map((one) => Reflect.ownKeys(one).length),
    untouched,
    "a prototype was changed",
  );
}

function checkMessage(type: MessageType<object>, message: object): void {
  checkPrototypes(message);
  assert.deepEqual(type.decode(type.encode(message)), message);
  for (const form of [{ types }, { types, protoNames: true, emitDefaults: true, indent: 1 }]) {
    const text = type.toJsonString(message, form);
    assert.deepEqual(type.fromJsonString(text, { types }), message, text);
    assert.deepEqual(type.fromJson(type.toJson(message, form), { types }), message);
  }
}

function checkPrototypes(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  const allowed: readonly unknown[] = [Object.prototype, Array.prototype, Map.prototype, Uint8Array.prototype, null];
  assert.ok(allowed.includes(prototype), "a value has a foreign prototype");
  if (value instanceof Uint8Array) return;
  const inner: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
  for (const one of inner) checkPrototypes(one);
}

interface Parsed {
  readonly text: string;
  readonly ignoreUnknown: boolean;
  readonly outcome: Outcome;
}

/** The same text through `JSON.parse`. It reads great integers inexactly, and of a property that stands twice only the last. */
function checkNative(type: MessageType<object>, { text, ignoreUnknown, outcome }: Parsed): void {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    assert.ok("error" in outcome, "a text was taken that is not JSON");
    return;
  }
  if ("error" in outcome && ["bad-json", "too-deep"].includes(outcome.error.code)) return;
  if (/[0-9.]{16}|[eE]/.test(text)) return;
  const native = attempt(() => type.fromJson(value, { ...options, ignoreUnknown }));
  if ("message" in outcome) assert.deepEqual(native, outcome);
  else assert.ok("error" in native, "a value was taken whose text was refused");
}

export function seeds(): Uint8Array[] {
  const written = goldenRows.slice(0, 70).map(({ init }) => Everything.toJsonString(Everything.create(init as never)));
  const known = [
    '{"at":"2024-02-29T23:59:59.123456789Z","took":"-3.5s","mask":"a.b,cD"}',
    '{"struct":{"a":[1,null,{"b":"c"}]},"value":null,"list":[true],"empty":{}}',
    '{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}',
    '{"any":{"@type":"type.googleapis.com/kinds.Leaf","name":"x","next":{}}}',
    '{"bool":true,"bytes":"AAEC","double":"NaN","int64":"9007199254740993","string":"","uint32":4294967295}',
    '{"values":[null,1],"longs":["1",2],"byKey":{"__proto__":{"x":1},"constructor":"c"},"nothing":null}',
    '{"nullOne":null,"inner":{"inner":{"inner":{}}}}',
    '{"__proto__":{"polluted":1}}',
    '{"struct":{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}}',
  ];
  const odd = [
    '{"counts":{"__proto__":1}}',
    '{"int32Value":1e2,"doubleValue":1E400}',
    '{"a":1,"a":2}',
    "[[[[",
    "\ud800",
  ];
  return [
    ...[...written, ...odd].map((text) => Buffer.from(`\0${text}`)),
    ...known.map((text) => Buffer.from(`\x01${text}`)),
  ];
}
