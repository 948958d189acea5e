// Our descriptors against another compiler's: both are read by protobuf-es and written again by it, so that what counts is
// the messages, and not how each laid them out.
import { fromBinary, toBinary, toJson, type UnknownField } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { FileDescriptor } from "farcall/idl";
import { encodeFileDescriptor } from "farcall/marshal";

/** A file of which the two say different things. */
export interface Difference {
  readonly file: string;
  /** The first lines that differ, of the descriptors as JSON. */
  readonly theirs: string;
  readonly ours: string;
}

/** The files of a FileDescriptorSet, each without what only other compilers write: comments and places in the text. */
export function readDescriptors(bytes: Uint8Array): readonly FileDescriptorProto[] {
  const { file: files } = fromBinary(FileDescriptorSetSchema, bytes);
  for (const file of files) delete file.sourceCodeInfo;
  return files;
}

/**
 * Puts custom options, which protobuf-es keeps as unknown fields, in the order of their numbers, and so what is in them, as
 * far as it reads as messages: other compilers leave it in the order of the text.
 */
export function sortCustomOptions(value: unknown): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  const { $unknown } = value as { readonly $unknown?: UnknownField[] };
  $unknown?.sort((one, other) => one.no - other.no);
  for (const [index, { no, wireType, data }] of ($unknown ?? []).entries()) {
    if (wireType !== WireType.LengthDelimited) continue;
    const sorted = new BinaryWriter().bytes(sortFields(new BinaryReader(data).bytes())).finish();
    ($unknown as UnknownField[])[index] = { no, wireType, data: sorted };
  }
  for (const [key, inner] of Object.entries(value)) if (key !== "$unknown") sortCustomOptions(inner);
}

/** The fields of a message by number; bytes that are no message stay as they are. */
function sortFields(bytes: Uint8Array): Uint8Array {
  const fields: { readonly no: number; readonly raw: Uint8Array }[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [no, wireType] = reader.tag();
      const writer = new BinaryWriter().tag(no, wireType);
      if (wireType === WireType.LengthDelimited) writer.bytes(sortFields(reader.bytes()));
      else writer.raw(reader.skip(wireType, no));
      fields.push({ no, raw: writer.finish() });
    }
  } catch {
    return bytes;
  }
  return Buffer.concat(fields.sort((one, other) => one.no - other.no).map(({ raw }) => raw));
}

/** What differs between `theirs` and ours of the same names; `prepare` is called with both before they are compared. */
export function compareDescriptors(
  theirs: readonly FileDescriptorProto[],
  ours: readonly FileDescriptor[],
  prepare: (file: FileDescriptorProto) => void = () => {},
): readonly Difference[] {
  const byName = new Map(ours.map((file) => [file.name, file]));
  return theirs.flatMap((file): readonly Difference[] => {
    const own = byName.get(file.name);
    if (own === undefined) return [{ file: file.name, theirs: "is there", ours: "is missing" }];
    const read = fromBinary(FileDescriptorProtoSchema, encodeFileDescriptor(own));
    prepare(file);
    prepare(read);
    const same = Buffer.compare(canonical(read), canonical(file)) === 0;
    return same ? [] : [{ file: file.name, ...firstLines(file, read) }];
  });
}

function canonical(file: FileDescriptorProto): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, file);
}

function firstLines(theirs: FileDescriptorProto, ours: FileDescriptorProto): Pick<Difference, "theirs" | "ours"> {
  const lines = [theirs, ours].map((file) =>
    JSON.stringify(toJson(FileDescriptorProtoSchema, file), null, 1).split("\n"),
  ) as [string[], string[]];
  const at = lines[0].findIndex((line, index) => line !== lines[1][index]);
  // Options that protobuf-es does not know are unknown fields, which JSON leaves out.
  if (at < 0) return { theirs: "other custom options", ours: "other custom options" };
  const show = (of: readonly string[]) => of.slice(Math.max(0, at - 3), at + 3).join("\n");
  return { theirs: show(lines[0]), ours: show(lines[1]) };
}
