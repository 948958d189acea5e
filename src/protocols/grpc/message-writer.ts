// gRPC: the prefix of a message that is encoded straight into the connection's output (`message-reader.ts` draws it).
import type { Writer } from "../../bytes/writer.ts";
import type { Compressor } from "../../host/compression.ts";
import { prefixBytes } from "./names.ts";

/** Leaves room for the prefix; answers where it is, relative to the writer's mark. */
export function beginMessage(writer: Writer): number {
  const from = writer.offset();
  writer.ensure(prefixBytes);
  writer.position += prefixBytes;
  return from;
}

/** Writes the prefix of the message that ends here, after compressing it where that makes it smaller. */
export function endMessage(writer: Writer, from: number, compressor?: Compressor): void {
  const compressed = compressor !== undefined && compress(writer, from, compressor);
  const at = writer.mark + from;
  const length = writer.position - at - prefixBytes;
  const { bytes } = writer;
  bytes[at] = compressed ? 1 : 0;
  bytes[at + 1] = length >>> 24;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 8;
  bytes[at + 4] = length;
}

function compress(writer: Writer, from: number, compressor: Compressor): boolean {
  const plain = writer.bytes.subarray(writer.mark + from + prefixBytes, writer.position);
  const packed = compressor.compress(plain);
  if (packed.length >= plain.length) return false;
  writer.rewind(from + prefixBytes);
  writer.writeBytes(packed);
  return true;
}
