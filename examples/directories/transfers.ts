// Example, directories: files up and down, for programs: a stub of Files in, bytes and progress out. It touches no disk.
import { CallError, type CallOptions, type Stub } from "farcall";
import type { Entry, Files, WriteReply, WriteRequestInit, WriteStartInit } from "./gen/files.ts";
import { type Progress, ProgressMeter } from "./progress.ts";

export type FilesStub = Stub<typeof Files.methods>;

export interface TransferOptions extends CallOptions {
  /** Told after each piece. Of an upload that is bytes handed to the connection: the server is behind by its window at most. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Download {
  /** The file as it was when it was opened. */
  readonly file: Entry;
  /** Its bytes. Leaving the loop early cancels the call. */
  readonly data: AsyncIterable<Uint8Array>;
}

/** Opens a file of the server; its bytes come as they are read from `data`, and no faster. Rejects as the call does. */
export async function download(
  files: FilesStub,
  from: { readonly path: string; readonly offset?: number | bigint; readonly length?: number | bigint },
  { onProgress, ...options }: TransferOptions = {},
): Promise<Download> {
  const replies = files.read(from, options)[Symbol.asyncIterator]();
  const first = await replies.next();
  if (first.done === true || first.value.part?.kind !== "file") {
    await replies.return?.();
    throw new CallError("INTERNAL", "the server sent bytes without saying of which file");
  }
  const file = first.value.part.value;
  const rest = Number(file.size - BigInt(from.offset ?? 0));
  const expected = from.length === undefined ? rest : Math.min(rest, Number(from.length));
  return { file, data: readData(replies, expected, onProgress) };
}

async function* readData(
  replies: AsyncIterator<{ readonly part: { readonly kind: string; readonly value: unknown } | undefined }>,
  expected: number,
  onProgress: TransferOptions["onProgress"],
): AsyncGenerator<Uint8Array> {
  const meter = new ProgressMeter(expected, performance.now());
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await replies.next();
      if (done === true) break;
      // A part of a kind that came after this program.
      if (value.part?.kind !== "data") continue;
      const data = value.part.value as Uint8Array;
      bytes += data.length;
      onProgress?.(meter.count(data.length, performance.now()));
      yield data;
    }
  } finally {
    await replies.return?.();
  }
  if (bytes !== expected) throw new CallError("DATA_LOSS", `${bytes} of ${expected} bytes came`);
}

/** Bytes in a message: as the contract advises, and far below what servers take. */
const maxDataBytes = 256 * 1024;

/** Writes what `source` yields to a file of the server. Resolves when all of it is safe on the server's disk. */
export function upload(
  files: FilesStub,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { onProgress, to, ...options }: TransferOptions & { readonly to: WriteStartInit },
): Promise<WriteReply> {
  return files.write(writeRequests(source, to, onProgress), options);
}

async function* writeRequests(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  start: WriteStartInit,
  onProgress: TransferOptions["onProgress"],
): AsyncGenerator<WriteRequestInit> {
  const meter = new ProgressMeter(start.size === undefined ? undefined : Number(start.size), performance.now());
  yield { part: { kind: "start", value: start } };
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; at += maxDataBytes) {
      const value = bytes.subarray(at, at + maxDataBytes);
      // Whoever takes the next one has sent this one.
      yield { part: { kind: "data", value } };
      onProgress?.(meter.count(value.length, performance.now()));
    }
  }
}
