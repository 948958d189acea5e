export {
  closeLength,
  maxVarint32Bytes,
  maxVarint64Bytes,
  openLength,
  putDouble,
  putFixed32,
  putFixed64,
  putFloat,
  putLength,
  putVarint32,
  putVarint64,
  sizeOfVarint32,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFixedBigInt,
  writeFloat,
  writeVarint32,
  writeVarint64,
  writeVarintBigInt,
} from "./numbers.ts";
export { copyBytes, ReadError, type ReadErrorCode, Reader } from "./reader.ts";
export { isWellFormed, putSizedText, readText, writeSizedText } from "./text.ts";
export { ChunkPool, type ChunkSource, ValueChunks, Writer } from "./writer.ts";
