// Our descriptors against another compiler's: both are read by protobuf-es and written again by it, so that what counts is
// the messages, and not how each laid them out.
import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
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

/** What differs between `theirs` and ours of the same names. */
export function compareDescriptors(
  theirs: readonly FileDescriptorProto[],
  ours: readonly FileDescriptor[],
): readonly Difference[] {
  const byName = new Map(ours.map((file) => [file.name, file]));
  return theirs.flatMap((file): readonly Difference[] => {
    const own = byName.get(file.name);
    if (own === undefined) return [{ file: file.name, theirs: "is there", ours: "is missing" }];
    const read = fromBinary(FileDescriptorProtoSchema, encodeFileDescriptor(own));
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
