// Tests of length headers: their bytes, and what is refused before memory is taken.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Writer } from "../bytes/index.ts";
import type { FramingFault } from "./framing.ts";
import { type LengthHeaderKind, type LengthHeaderOptions, lengthHeader } from "./length-header.ts";

function encoded(header: LengthHeaderKind, messageBytes: number): string {
  const writer = new Writer();
  lengthHeader({ header }).encode(new Uint8Array(messageBytes), writer);
  return Buffer.from(writer.toBytes().subarray(0, writer.written - messageBytes)).toString("hex");
}

function faultOf(options: LengthHeaderOptions, hex: string): FramingFault | undefined {
  const wire = Buffer.from(hex, "hex");
  const whole = lengthHeader(options).createReader({ onMessage: () => {} });
  const fault = whole.receive(wire, 0, wire.length);
  const single = lengthHeader(options).createReader({ onMessage: () => {} });
  let last: FramingFault | undefined;
  for (let index = 0; index < wire.length; index++) last = single.receive(wire, index, index + 1);
  assert.equal(last?.message, fault?.message);
  return fault;
}

test("F3: the headers have these bytes", () => {
  const table: readonly (readonly [LengthHeaderKind, number, string])[] = [
    ["u8", 0, "00"],
    ["u8", 255, "ff"],
    ["u16be", 258, "0102"],
    ["u16le", 258, "0201"],
    ["u32be", 66051, "00010203"],
    ["u32le", 66051, "03020100"],
    ["u64be", 66051, "0000000000010203"],
    ["u64le", 66051, "0302010000000000"],
    ["varint", 0, "00"],
    ["varint", 127, "7f"],
    ["varint", 128, "8001"],
    ["varint", 300, "ac02"],
    ["varint", 2 ** 21, "80808001"],
  ];
  for (const [header, messageBytes, hex] of table)
    assert.equal(encoded(header, messageBytes), hex, `${header} ${messageBytes}`);
});

test("F3: a length over the limit is refused when its header is read", () => {
  assert.equal(faultOf({ header: "u32be", maxMessageBytes: 10 }, "0000000b")?.code, "too-large");
  assert.equal(faultOf({ header: "u32be", maxMessageBytes: 10 }, "0000000a"), undefined);
  assert.match(faultOf({ header: "u32be" }, "ffffffff")?.message ?? "", /4294967295 bytes was announced; 4194304/);
  for (const header of ["u64be", "u64le"] as const)
    assert.equal(faultOf({ header }, "ffffffffffffffff")?.code, "too-large");
  assert.equal(faultOf({ header: "u64be" }, "0100000000000000")?.code, "too-large");
  assert.equal(faultOf({ header: "u64le" }, "0000000000000001")?.code, "too-large");
  assert.equal(faultOf({ header: "varint", maxMessageBytes: 300 }, "ad02")?.code, "too-large");
  assert.equal(faultOf({ header: "varint" }, "ffffffffffffffffff01")?.code, "too-large");
});

test("a varint of more than 64 bits is refused, a longer form than needed is read", () => {
  assert.equal(faultOf({ header: "varint" }, "ffffffffffffffffff02")?.code, "bad-length");
  assert.equal(faultOf({ header: "varint" }, "80808080808080808080")?.code, "bad-length");
  assert.equal(faultOf({ header: "varint" }, "808000"), undefined);
});

test("a limit above what the header can say is lowered to that, and a limit that is no count is refused", () => {
  assert.throws(() => encoded("u8", 256), { code: "too-large" });
  assert.throws(() => encoded("u16be", 65536), { code: "too-large" });
  for (const maxMessageBytes of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => lengthHeader({ header: "u8", maxMessageBytes }), { code: "bad-option" });
  }
});

test("a peer that announces much and sends little costs little memory", () => {
  const readers = [];
  const header = Buffer.from("00400000", "hex");
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 100; count++) {
    const reader = lengthHeader({ header: "u32be" }).createReader({ onMessage: () => {} });
    assert.equal(reader.receive(header, 0, 4), undefined);
    assert.equal(reader.receive(header, 0, 4), undefined);
    readers.push(reader);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
  assert.equal(readers.length, 100);
});
