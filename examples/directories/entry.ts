// Example, directories: what the operating system knows of an entry, as the message that tells of it.
import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { CallError } from "farcall";
import type { EntryInit } from "./gen/files.ts";

const nanosPerSecond = 1_000_000_000n;
/** The permission bits that a client may set and see; no setuid, no sticky. */
export const permissionBits = 0o777;

const typeWords = {
  FILE: "a regular file",
  DIRECTORY: "a directory",
  LINK: "a symbolic link, which is never followed",
  OTHER: "a FIFO, a socket or a device",
} as const;

export type NamedEntry = EntryInit & { readonly name: string };

export function toEntry(name: string, stats: BigIntStats): NamedEntry {
  const type = typeOf(stats);
  // Of a time before 1970 the nanoseconds count forward, too.
  const nanos = ((stats.mtimeNs % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  return {
    name,
    type,
    size: type === "FILE" ? stats.size : 0n,
    modified: { seconds: (stats.mtimeNs - nanos) / nanosPerSecond, nanos: Number(nanos) },
    mode: Number(stats.mode) & permissionBits,
  };
}

/** The last name in a path that `readNames` let through. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What is at `entry` itself, no link followed. Rejects with the system's error. */
export function lookAt(entry: string): Promise<BigIntStats> {
  return lstat(entry, { bigint: true });
}

/** As `lookAt`, or undefined when nothing is there. */
export async function lookFor(entry: string): Promise<BigIntStats | undefined> {
  try {
    return await lookAt(entry);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Throws FAILED_PRECONDITION for what is neither a regular file nor, where these are `permitted`, a directory. */
export function checkType(stats: BigIntStats, path: string, permitted: "files" | "files and directories"): void {
  const type = typeOf(stats);
  if (type === "FILE" || (type === "DIRECTORY" && permitted === "files and directories")) return;
  throw new CallError("FAILED_PRECONDITION", `'${path}' is ${typeWords[type]}; this is for ${permitted}`);
}

function typeOf(stats: BigIntStats): keyof typeof typeWords {
  if (stats.isFile()) return "FILE";
  if (stats.isDirectory()) return "DIRECTORY";
  return stats.isSymbolicLink() ? "LINK" : "OTHER";
}
