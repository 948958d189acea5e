// Our HPACK on stories: what our decoder makes of others' blocks, and the blocks that our encoder makes of their fields.
import { Writer } from "farcall/bytes";
import { defaultIndexing, HpackDecoder, HpackEncoder } from "farcall/http2";
import type { Field, Story } from "./stories.ts";

/** The blocks of a story that our decoder does not read exactly, a sentence each; it stops at a fault. */
export function decodeStory({ name, blocks }: Story): string[] {
  const decoder = new HpackDecoder();
  const complaints: string[] = [];
  for (const [index, { wire, fields, maxTableBytes }] of blocks.entries()) {
    decoder.setMaxTableBytes(maxTableBytes);
    const found: Field[] = [];
    const sink = { onField: (field: string, value: string) => found.push([field, value]) };
    const fault = decoder.decode(wire, 0, wire.length, sink);
    if (fault !== undefined) return [...complaints, `${name}, block ${index}: ${fault.message}`];
    if (!sameFields(found, fields)) complaints.push(`${name}, block ${index}: other fields than were meant`);
  }
  return complaints;
}

/** A story told by our encoder, with the same sizes of the table and the default policy. */
export function encodeStory({ encoder, name, blocks }: Story): Story {
  const own = new HpackEncoder();
  const told = blocks.map(({ fields, maxTableBytes }) => {
    own.setPeerMaxTableBytes(maxTableBytes);
    const writer = new Writer();
    own.beginBlock(writer);
    for (const [field, value] of fields) own.encodeField(writer, field, value, defaultIndexing(field, value));
    return { wire: writer.toBytes(), fields, maxTableBytes };
  });
  return { encoder, name, blocks: told };
}

export function sameFields(found: readonly Field[], meant: readonly Field[]): boolean {
  if (found.length !== meant.length) return false;
  return found.every(([name, value], index) => name === meant[index]?.[0] && value === meant[index]?.[1]);
}

/** Bytes of all blocks. */
export function wireBytes(stories: readonly Story[]): number {
  return stories.flatMap(({ blocks }) => blocks).reduce((sum, { wire }) => sum + wire.length, 0);
}
