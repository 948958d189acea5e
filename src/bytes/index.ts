export {
  closeLength,
  openLength,
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
export { isWellFormed, readText, writeSizedText } from "./text.ts";
export { ChunkPool, type ChunkSource, Writer } from "./writer.ts";
