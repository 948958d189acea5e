// Marshal layer: packed runs of numbers, read. One loop a type, so that the engine compiles it for that type; element by
// element through a `Wire` costs twice as much. See `Wire.readRun` for what all of them do.
import type { Reader } from "../bytes/reader.ts";
import { words } from "../bytes/scratch.ts";

/** Lists of more are not made at once: an engine may keep a larger one as a table of indices. */
const maxSizedList = 1024 * 1024;

/** A list for `count` more values behind those of `values`: a fresh one, made in its full size, where there are none. */
function listFor<Value>(values: Value[], count: number): Value[] {
  return values.length === 0 && count <= maxSizedList ? new Array<Value>(count) : values;
}

/** Views a run of fixed-size values, which must fill its level exactly but for what `take` then refuses. */
function viewRun(from: Reader, size: number): { readonly view: DataView; readonly count: number } {
  const { bytes, position, end } = from;
  const count = Math.floor((end - position) / size);
  from.position = position + count * size;
  // Bytes that are left are too few for a value.
  if (from.position < end) from.take(size);
  return { view: new DataView(bytes.buffer, bytes.byteOffset + position, count * size), count };
}

export function readDoubles(from: Reader, values: number[]): number[] {
  const { view, count } = viewRun(from, 8);
  const start = values.length;
  const list = listFor(values, count);
  for (let index = 0; index < count; index++) list[start + index] = view.getFloat64(index * 8, true);
  return list;
}

export function readFloats(from: Reader, values: number[]): number[] {
  const { view, count } = viewRun(from, 4);
  const start = values.length;
  const list = listFor(values, count);
  for (let index = 0; index < count; index++) list[start + index] = view.getFloat32(index * 4, true);
  return list;
}

export function readFixed32s(from: Reader, values: number[]): number[] {
  const { view, count } = viewRun(from, 4);
  const start = values.length;
  const list = listFor(values, count);
  for (let index = 0; index < count; index++) list[start + index] = view.getUint32(index * 4, true);
  return list;
}

export function readSfixed32s(from: Reader, values: number[]): number[] {
  const { view, count } = viewRun(from, 4);
  const start = values.length;
  const list = listFor(values, count);
  for (let index = 0; index < count; index++) list[start + index] = view.getInt32(index * 4, true);
  return list;
}

/** A block of varints, decoded before a list is made for them: a list that grows value by value takes half as long again. */
const blockSize = 512;
const block = new Int32Array(blockSize);

/** Reads the low 32 bits of up to `blockSize` varints into the block; gives their count. */
function readBlock(from: Reader): number {
  const { bytes, end } = from;
  let at = from.position;
  let count = 0;
  while (at < end && count < blockSize) {
    const byte = bytes[at] as number;
    if (byte < 0x80) {
      block[count++] = byte;
      at++;
    } else {
      from.position = at;
      block[count++] = from.varint32();
      at = from.position;
    }
  }
  from.position = at;
  return count;
}

export function readInt32s(from: Reader, values: number[]): number[] {
  let list = values;
  while (from.position < from.end) {
    const count = readBlock(from);
    const start = list.length;
    list = from.position < from.end ? list : listFor(list, count);
    for (let index = 0; index < count; index++) list[start + index] = block[index] as number;
  }
  return list;
}

export function readUint32s(from: Reader, values: number[]): number[] {
  let list = values;
  while (from.position < from.end) {
    const count = readBlock(from);
    const start = list.length;
    list = from.position < from.end ? list : listFor(list, count);
    for (let index = 0; index < count; index++) list[start + index] = (block[index] as number) >>> 0;
  }
  return list;
}

export function readSint32s(from: Reader, values: number[]): number[] {
  let list = values;
  while (from.position < from.end) {
    const count = readBlock(from);
    const start = list.length;
    list = from.position < from.end ? list : listFor(list, count);
    for (let index = 0; index < count; index++) {
      const bits = block[index] as number;
      list[start + index] = (bits >>> 1) ^ -(bits & 1);
    }
  }
  return list;
}

export function readBools(from: Reader, values: boolean[]): boolean[] {
  // No value takes less than a byte, and few take more.
  const start = values.length;
  const list = listFor(values, from.end - from.position);
  let to = start;
  while (from.position < from.end) list[to++] = from.bool();
  list.length = to;
  return list;
}

const wordBlockSize = 128;
const longs = new BigInt64Array(wordBlockSize);
const unsignedLongs = new BigUint64Array(longs.buffer);
const longWords = new Uint32Array(longs.buffer);

/** Reads up to `wordBlockSize` varints of 64 bits into the block of words; gives their count. */
function readWordBlock(from: Reader): number {
  let count = 0;
  while (from.position < from.end && count < wordBlockSize) {
    from.varintWords();
    const at = 2 * count++;
    longWords[at] = words[0] as number;
    longWords[at + 1] = words[1] as number;
  }
  return count;
}

export function readInt64s(from: Reader, values: bigint[]): bigint[] {
  let list = values;
  while (from.position < from.end) {
    const count = readWordBlock(from);
    const start = list.length;
    list = from.position < from.end ? list : listFor(list, count);
    for (let index = 0; index < count; index++) list[start + index] = longs[index] as bigint;
  }
  return list;
}

export function readUint64s(from: Reader, values: bigint[]): bigint[] {
  let list = values;
  while (from.position < from.end) {
    const count = readWordBlock(from);
    const start = list.length;
    list = from.position < from.end ? list : listFor(list, count);
    for (let index = 0; index < count; index++) list[start + index] = unsignedLongs[index] as bigint;
  }
  return list;
}
