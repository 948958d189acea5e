// Fuzz target: what gRPC writes into header fields and reads out of them: percent-encoding, timeouts, metadata, and whether a
// block of fields is well-formed. What is written is read back, and is always a well-formed field.
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import { checkFields } from "../../../src/http2/field-check.ts";
import { appendMetadata, readMetadata } from "../../../src/protocols/grpc/metadata-fields.ts";
import { decodePercent, encodePercent } from "../../../src/protocols/grpc/percent.ts";
import { formatTimeout, parseTimeout } from "../../../src/protocols/grpc/timeout.ts";
import { Input } from "../input.ts";

const kinds = ["request", "response", "trailers"] as const;

export function fuzz(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const kind = input.byte() % 4;
  if (kind === 0) checkText(input);
  else if (kind === 1) checkTimeout(input);
  else checkBlock(input);
}

function checkText(input: Input): void {
  const maxLength = input.byte();
  const bytes = input.rest();
  // As it comes: one char an octet.
  const received = decodePercent(Buffer.from(bytes).toString("latin1"));
  assert.doesNotMatch(received, /\p{Surrogate}/u);
  for (const text of [Buffer.from(bytes).toString("utf8"), received]) {
    const encoded = encodePercent(text);
    assert.equal(decodePercent(encoded), text);
    assertField("grpc-message", encoded);
    const cut = encodePercent(text, maxLength);
    assert.ok(cut.length <= maxLength, `${cut.length} characters, not ${maxLength}`);
    assert.ok(text.startsWith(decodePercent(cut)), "what does not fit is cut off between characters");
    assertField("grpc-message", cut);
  }
}

function assertField(name: string, value: string): void {
  assert.match(value, /^[\x20-\x7e]*$/);
  assert.equal(checkFields([name, value], "trailers"), undefined);
}

function checkTimeout(input: Input): void {
  const text = Buffer.from(input.take(12)).toString("latin1");
  const parsed = parseTimeout(text);
  assert.equal(parsed !== undefined, /^[0-9]{1,8}[HMSmun]$/.test(text));
  const given = input.short() * 10 ** ((input.byte() % 20) - 6);
  for (const timeoutMs of [parsed ?? 0, given]) {
    const formatted = formatTimeout(timeoutMs);
    assertField("grpc-timeout", formatted);
    const again = parseTimeout(formatted) as number;
    // Rounded up, by a hundredth at most; only what cannot be said is cut.
    const most = 99_999_999 * 3_600_000;
    assert.ok(again >= Math.min(most, timeoutMs) && again <= timeoutMs * 1.01 + 0.001, `${timeoutMs} became ${again}`);
  }
}

function checkBlock(input: Input): void {
  const list: string[] = [];
  const kind = input.pick(kinds);
  while (!input.isDone && list.length < 200) {
    for (let turn = 0; turn < 2; turn++) list.push(Buffer.from(input.some()).toString("latin1"));
  }
  const fault = checkFields(list, kind);
  assert.equal(checkFields(list, kind), fault);
  const isBad = list.some((text, index) =>
    index % 2 === 0 ? !/^:?[^\0-\x20\x7f-\xff:A-Z]+$/.test(text) : /[\0\r\n]/.test(text),
  );
  if (isBad)
    assert.notEqual(fault, undefined, "a name or a value with a character that splits messages was let through");
  const metadata = readMetadata(new Fields(list));
  const written: string[] = [];
  appendMetadata(written, metadata);
  assert.equal(checkFields(written, "trailers"), undefined);
  assert.deepEqual([...readMetadata(new Fields(written))], [...metadata]);
}

export function seeds(): Uint8Array[] {
  const texts = ["plain", "", " blanks ", "100 %", "grüße 😀", "%e2%82%ac", "%zz%4", "line\nbreak", "\xff\xfe"];
  const timeouts = ["1S", "99999999H", "0n", "123456789m", "5u", "1000m", "S", "-1S"];
  const blocks = [
    [":method", "POST", ":scheme", "http", ":path", "/a.B/C", ":authority", "localhost", "te", "trailers"],
    [":status", "200", "content-type", "application/grpc", "x-a", "b"],
    ["grpc-status", "0", "grpc-message", "ok", "x-bin", "AAEC", "y-bin", "AA==,AQ"],
    ["Upper", "case", "x", "a\r\nb"],
    ["__proto__", "p", "constructor", "c"],
    ["content-length", "5", "content-length", "6"],
  ];
  const encode = (fields: readonly string[]) => fields.flatMap((text) => [text.length, ...Buffer.from(text, "latin1")]);
  return [
    ...texts.flatMap((text) => [10, 255].map((most) => Buffer.from([0, most, ...Buffer.from(text)]))),
    ...timeouts.map((text) => Buffer.from([1, ...Buffer.from(text.padEnd(12, "\0")), 1, 2, 3])),
    ...blocks.flatMap((fields) => [0, 1, 2].map((kind) => Buffer.from([2, kind, ...encode(fields)]))),
  ];
}
