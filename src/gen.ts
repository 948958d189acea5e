// The subpath farcall/gen: what generated modules import, and nothing else. Its version is checked by `checkVersion`.
export type { Reader } from "./bytes/reader.ts";
export type { Writer } from "./bytes/writer.ts";
export type { FileDescriptor } from "./idl/descriptor.ts";
export { isNonZero, readClosed, readClosedRun } from "./marshal/enums.ts";
export { missingField } from "./marshal/errors.ts";
export type { FileOutline, FilePart } from "./marshal/file-parts.ts";
export {
  checkVersion,
  generatedClosedEnum,
  generatedEnum,
  generatedExtension,
  generatedFile,
  generatedMessage,
  generatedMethod,
  generatedParts,
  generatedService,
} from "./marshal/generated.ts";
export { groupOf } from "./marshal/groups.ts";
export { int64AsNumber, int64AsText, isZeroInteger } from "./marshal/int64-wires.ts";
export { createList, readPacked, writeList, writeNestedList, writePacked } from "./marshal/lists.ts";
export { createMap, type MapInit, mapWire, readClosedEntry, readEntry, writeMap } from "./marshal/maps.ts";
export { checkMessage, readNested, writeNested } from "./marshal/nested.ts";
export { createOneof, isOneof, unknownKind } from "./marshal/oneofs.ts";
export { rpcOptionsFile } from "./marshal/rpc-options-file.ts";
export {
  boolWire,
  bytesWire,
  createOptional,
  doubleWire,
  fixed32Wire,
  fixed64Wire,
  floatWire,
  int32Wire,
  int64Wire,
  isEmptyBytes,
  noBytes,
  sfixed32Wire,
  sfixed64Wire,
  sint32Wire,
  sint64Wire,
  stringWire,
  toBigInt,
  uint32Wire,
  uint64Wire,
  unsetBytes,
} from "./marshal/scalar-wires.ts";
export {
  readBool,
  readBytes,
  readDouble,
  readFixed32,
  readFixed64,
  readFloat,
  readInt32,
  readInt64,
  readSfixed32,
  readSfixed64,
  readSint32,
  readSint64,
  readString,
  readUint32,
  readUint64,
  writeBool,
  writeBytes,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeInt32,
  writeInt64,
  writeSfixed32,
  writeSfixed64,
  writeSint32,
  writeSint64,
  writeString,
  writeUint32,
  writeUint64,
} from "./marshal/scalars.ts";
export { keepUnknown, readTag, writeUnknown } from "./marshal/tags.ts";
export type { EnumType, Extension, MessageType, Method, Service } from "./marshal/types.ts";
