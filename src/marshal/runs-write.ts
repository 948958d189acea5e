// Marshal layer: packed runs of numbers, written. One loop a type, so that the engine compiles it for that type; element by
// element through a `Wire` costs twice as much. See `Wire.writeRun` for what all of them do.
import { maxVarint32Bytes, maxVarint64Bytes, putVarint32, putVarint64 } from "../bytes/numbers.ts";
import { highWord, int64, lowWord, uint64, words } from "../bytes/scratch.ts";
import type { Writer } from "../bytes/writer.ts";

/** Room is made for so many varints at once. */
const varintsAtOnce = 64;

/** Views the room for a run of fixed-size values. */
function viewRoom(into: Writer, bytes: number): DataView {
  into.ensure(bytes);
  return new DataView(into.bytes.buffer, into.bytes.byteOffset + into.position, bytes);
}

export function writeDoubles(into: Writer, values: readonly number[]): number {
  const { length } = values;
  const view = viewRoom(into, length * 8);
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number") break;
    view.setFloat64(index * 8, value, true);
  }
  into.position += index * 8;
  return index;
}

export function writeFloats(into: Writer, values: readonly number[]): number {
  const { length } = values;
  const view = viewRoom(into, length * 4);
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number") break;
    const single = Math.fround(value);
    // What is infinite as a single only, is beyond all singles.
    if (single - single !== 0 && value - value === 0) break;
    view.setFloat32(index * 4, single, true);
  }
  into.position += index * 4;
  return index;
}

export function writeFixed32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  const view = viewRoom(into, length * 4);
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number" || value >>> 0 !== value) break;
    view.setUint32(index * 4, value, true);
  }
  into.position += index * 4;
  return index;
}

export function writeSfixed32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  const view = viewRoom(into, length * 4);
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "number" || (value | 0) !== value) break;
    view.setInt32(index * 4, value, true);
  }
  into.position += index * 4;
  return index;
}

export function writeBools(into: Writer, values: readonly boolean[]): number {
  const { length } = values;
  into.ensure(length);
  const { bytes, position } = into;
  let index = 0;
  for (; index < length; index++) {
    const value = values[index];
    if (typeof value !== "boolean") break;
    bytes[position + index] = value ? 1 : 0;
  }
  into.position += index;
  return index;
}

export function writeInt32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  let at = into.position;
  let index = 0;
  for (; index < length; index++) {
    if (index % varintsAtOnce === 0) at = into.roomAt(at, varintsAtOnce * maxVarint64Bytes);
    const value = values[index];
    if (typeof value !== "number" || (value | 0) !== value) break;
    at = value < 0 ? putVarint64(into.bytes, at, value, -1) : putVarint32(into.bytes, at, value);
  }
  into.position = at;
  return index;
}

export function writeUint32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  let at = into.position;
  let index = 0;
  for (; index < length; index++) {
    if (index % varintsAtOnce === 0) at = into.roomAt(at, varintsAtOnce * maxVarint32Bytes);
    const value = values[index];
    if (typeof value !== "number" || value >>> 0 !== value) break;
    at = putVarint32(into.bytes, at, value);
  }
  into.position = at;
  return index;
}

export function writeSint32s(into: Writer, values: readonly number[]): number {
  const { length } = values;
  let at = into.position;
  let index = 0;
  for (; index < length; index++) {
    if (index % varintsAtOnce === 0) at = into.roomAt(at, varintsAtOnce * maxVarint32Bytes);
    const value = values[index];
    if (typeof value !== "number" || (value | 0) !== value) break;
    at = putVarint32(into.bytes, at, ((value << 1) ^ (value >> 31)) >>> 0);
  }
  into.position = at;
  return index;
}

/** Stops at numbers, which are written one by one. */
export function writeInt64s(into: Writer, values: readonly (bigint | number)[]): number {
  return writeWords(into, values, int64);
}

/** Stops at numbers, which are written one by one. */
export function writeUint64s(into: Writer, values: readonly (bigint | number)[]): number {
  return writeWords(into, values, uint64);
}

function writeWords(
  into: Writer,
  values: readonly (bigint | number)[],
  scratch: BigInt64Array | BigUint64Array,
): number {
  const { length } = values;
  let at = into.position;
  let index = 0;
  for (; index < length; index++) {
    if (index % varintsAtOnce === 0) at = into.roomAt(at, varintsAtOnce * maxVarint64Bytes);
    const value = values[index];
    if (typeof value !== "bigint") break;
    scratch[0] = value;
    if (scratch[0] !== value) break;
    const low = words[lowWord] as number;
    const high = words[highWord] as number;
    at = high === 0 ? putVarint32(into.bytes, at, low) : putVarint64(into.bytes, at, low, high);
  }
  into.position = at;
  return index;
}
