// Go's HPACK decoder, golang.org/x/net/http2/hpack, as a judge of blocks. It never sees the fields that were meant.
import { spawnSync } from "node:child_process";
import { commandOf, type Peer } from "../../support/peer-programs.ts";
import { sameFields } from "./ours.ts";
import type { Field, Story } from "./stories.ts";

interface Verdict {
  /** The fields of each block that was read, in base64. */
  readonly blocks: readonly (readonly (readonly [name: string, value: string])[])[];
  readonly error?: string;
}

/** The blocks that Go does not read as they were meant, a sentence each. */
export function judgeByGo(peer: Peer, stories: readonly Story[]): string[] {
  const [command, ...words] = commandOf(peer, "hpack");
  const input = stories.map(({ blocks }) => JSON.stringify(blocks.map(toInput))).join("\n");
  const { stdout, stderr } = spawnSync(command, words, { input, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  const lines = stdout.split("\n").slice(0, -1);
  if (lines.length !== stories.length)
    return [`the judge read ${lines.length} of ${stories.length} stories: ${stderr}`];
  return stories.flatMap((story, index) => compare(story, JSON.parse(lines[index] as string) as Verdict));
}

function toInput({ wire, maxTableBytes }: Story["blocks"][number]): object {
  return { maxTableBytes, hex: Buffer.from(wire).toString("hex") };
}

function compare({ name, blocks }: Story, verdict: Verdict): string[] {
  if (verdict.error !== undefined) return [`${name}: ${verdict.error}`];
  const decoded = verdict.blocks.map((fields) => fields.map(([field, value]) => [text(field), text(value)] as Field));
  const wrong = blocks.flatMap(({ fields }, index) => (sameFields(decoded[index] ?? [], fields) ? [] : [index]));
  return wrong.map((index) => `${name}, block ${index}: Go reads other fields than were meant`);
}

function text(base64: string): string {
  return Buffer.from(base64, "base64").toString("latin1");
}
