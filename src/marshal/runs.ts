// Marshal layer: packed runs of the numbers that come in large lists. One loop a type, so that the engine compiles it for that
// type; element by element through a `Wire` costs twice as much.
import { writeVarint64 } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";

/** Bytes that a varint of 32 bits takes at most; a negative `int32` takes ten. */
const maxVarint32Bytes = 5;

/** Views a run of fixed-size values, which must fill its level exactly but for what `take` then refuses. */
function viewRun(from: Reader, size: number): { readonly view: DataView; readonly count: number } {
  const { bytes, position, end } = from;
  const count = Math.floor((end - position) / size);
  from.position = position + count * size;
  return { view: new DataView(bytes.buffer, bytes.byteOffset + position, count * size), count };
}

/** Reads a run of doubles; see `Wire.readRun`. */
export function readDoubles(from: Reader, values: number[]): void {
  const { view, count } = viewRun(from, 8);
  for (let index = 0; index < count; index++) values.push(view.getFloat64(index * 8, true));
  // Bytes that are left are too few for a value.
  if (from.position < from.end) from.take(8);
}

/** Reads a run of floats; see `Wire.readRun`. */
export function readFloats(from: Reader, values: number[]): void {
  const { view, count } = viewRun(from, 4);
  for (let index = 0; index < count; index++) values.push(view.getFloat32(index * 4, true));
  if (from.position < from.end) from.take(4);
}

/** Reads a run of `int32`; see `Wire.readRun`. */
export function readInt32s(from: Reader, values: number[]): void {
  const { bytes, end } = from;
  while (from.position < end) {
    const first = bytes[from.position] as number;
    if (first < 0x80) {
      from.position++;
      values.push(first);
    } else values.push(from.varint32());
  }
}

/** Reads a run of `uint32`; see `Wire.readRun`. */
export function readUint32s(from: Reader, values: number[]): void {
  while (from.position < from.end) values.push(from.varint32() >>> 0);
}

/** Reads a run of `sint32`; see `Wire.readRun`. */
export function readSint32s(from: Reader, values: number[]): void {
  while (from.position < from.end) {
    const bits = from.varint32();
    values.push((bits >>> 1) ^ -(bits & 1));
  }
}

/** Writes a run of doubles; see `Wire.writeRun`. */
export function writeDoubles(into: Writer, values: readonly number[]): number {
  const { length } = values;
  into.ensure(length * 8);
  const { buffer, byteOffset } = into.bytes;
  const view = new DataView(buffer, byteOffset + into.position, length * 8);
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number") break;
    view.setFloat64(index * 8, value, true);
  }
  into.position += index * 8;
  return index;
}

/** Writes a run of `int32`; see `Wire.writeRun`. */
export function writeInt32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number" || (value | 0) !== value) break;
    if (value < 0) writeVarint64(into, value, -1);
    else writeSmall(into, value);
  }
  return index;
}

/** Writes a run of `uint32`; see `Wire.writeRun`. */
export function writeUint32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number" || value >>> 0 !== value) break;
    writeSmall(into, value);
  }
  return index;
}

/** Writes a run of `sint32`; see `Wire.writeRun`. */
export function writeSint32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number" || (value | 0) !== value) break;
    writeSmall(into, ((value << 1) ^ (value >> 31)) >>> 0);
  }
  return index;
}

/** A varint of 32 bits, small enough to be part of each loop. */
function writeSmall(into: Writer, value: number): void {
  into.ensure(maxVarint32Bytes);
  const { bytes } = into;
  let at = into.position;
  let rest = value;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  into.position = at;
}
