// Bytes layer: eight bytes of scratch space seen as words, 64-bit integers and floats, to turn one into another without
// allocation. Every user writes what it reads before anything else can run, so nothing is ever kept here.

const space = new ArrayBuffer(8);

/** The scratch space as two 32-bit words; which one is low depends on the machine, see `lowWord` and `highWord`. */
export const words = new Uint32Array(space);
/** The scratch space as one signed 64-bit integer. */
export const int64 = new BigInt64Array(space);
/** The scratch space as one unsigned 64-bit integer. */
export const uint64 = new BigUint64Array(space);
/** The scratch space as one double. */
export const float64 = new Float64Array(space);
/** The first word as a float: it shares its four bytes with `words[0]`. */
export const float32 = new Float32Array(space);

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
/** Index in `words` of the less significant half. */
export const lowWord = littleEndian ? 0 : 1;
/** Index in `words` of the more significant half. */
export const highWord = littleEndian ? 1 : 0;
