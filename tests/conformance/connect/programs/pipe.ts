// Connect's conformance suite: how its runner speaks to a program: messages over standard input and output, each behind its
// length in four bytes, big endian.
/// <reference types="node" />
import { Writer } from "farcall/bytes";
import { lengthHeader } from "farcall/framing";
import type { MessageType } from "farcall/marshal";

const framing = lengthHeader({ header: "u32be", maxMessageBytes: 16 * 1024 * 1024 });

/** The messages of standard input, to its end. */
export async function* readMessages<Message, Init>(
  type: MessageType<Message, Init>,
): AsyncGenerator<Message, undefined> {
  const waiting: Message[] = [];
  const reader = framing.createReader({
    onMessage: (bytes, start, end) => waiting.push(type.decode(bytes.slice(start, end))),
  });
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    const fault = reader.receive(chunk, 0, chunk.length);
    if (fault !== undefined) throw fault;
    yield* waiting.splice(0);
  }
}

/** Writes one message to standard output, whole. */
export function writeMessage<Message, Init>(type: MessageType<Message, Init>, message: Init): void {
  const writer = new Writer();
  framing.encode(type.encode(message), writer);
  process.stdout.write(writer.toBytes());
}
