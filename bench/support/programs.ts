// Benchmark: the programs of both sides: where they are, and their versions.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Peer } from "../../tests/support/peer-programs.ts";
import type { Command } from "./side.ts";

/** A program of the benchmark by its path without `.ts`, run by this Node. */
export function nodeProgram(path: string, ...words: string[]): Command {
  return [process.execPath, fileURLToPath(new URL(`../${path}.js`, import.meta.url)), ...words];
}

/** The version of this tree. */
export function ourVersion(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The version of a peer, as far as it is there. */
export function versionOf(peers: readonly Peer[], name: string): string {
  return peers.find((peer) => peer.name === name)?.version ?? "-";
}
