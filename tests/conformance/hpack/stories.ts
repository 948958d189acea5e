// HPACK stories: header blocks that other implementations wrote, with the fields they stand for. The blocks of a story share
// one connection's tables.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Name and value; one char an octet. */
export type Field = readonly [name: string, value: string];

export interface StoryBlock {
  readonly wire: Uint8Array;
  readonly fields: readonly Field[];
  /** The size that the decoder's table may have from this block on, in bytes. */
  readonly maxTableBytes: number;
}

export interface Story {
  /** Who wrote the blocks. */
  readonly encoder: string;
  /** `encoder/story_15.json` */
  readonly name: string;
  readonly blocks: readonly StoryBlock[];
}

interface StoryFile {
  readonly cases: readonly {
    readonly wire: string;
    readonly header_table_size?: number | null;
    readonly headers: readonly Readonly<Record<string, string>>[];
  }[];
}

/** The stories that lie unpacked in the tree, some of each encoder. */
export const storiesInTree = fileURLToPath(new URL("../../../../third_party/hpack-stories", import.meta.url));

/** Every story below a folder, one folder an encoder. */
export function readStories(folder: string): Story[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return paths
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".json") && !path.startsWith("raw-data/"))
    .map((name) => ({ encoder: name.split("/", 1)[0] as string, name, blocks: readBlocks(`${folder}/${name}`) }));
}

function readBlocks(path: string): StoryBlock[] {
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as StoryFile;
  let maxTableBytes = 4096;
  return cases.map(({ wire, headers, header_table_size }) => {
    maxTableBytes = header_table_size ?? maxTableBytes;
    const fields = headers.flatMap((header) => Object.entries(header));
    return {
      wire: Buffer.from(wire, "hex"),
      fields: fields.map(([name, value]) => [toOctets(name), toOctets(value)]),
      maxTableBytes,
    };
  });
}

/** The files are UTF-8; a header has octets. */
function toOctets(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
