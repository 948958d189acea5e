// Example, directories: a client's path, as the names of directories under the root. Pure text: it touches no file.
import { CallError } from "farcall";

/** Bytes that a name may have: NAME_MAX of the usual file systems. */
export const maxNameBytes = 255;
/** Bytes that a path may have: PATH_MAX of Linux. */
export const maxPathBytes = 4096;
/** The one name in the served folder that is the server's own: what is being written lies there until it is whole. */
export const partialFolderName = ".farcall-partial";

const encoder = new TextEncoder();

/**
 * The names in a path, of which "" and "/" have none. Throws INVALID_ARGUMENT where a name is one that could lead out, or
 * none at all. What it lets through is safe to look up one name at a time, and only so: a name may be a symbolic link.
 */
export function readNames(path: string): readonly string[] {
  const relative = path.startsWith("/") ? path.slice(1) : path;
  if (relative === "") return [];
  const pathBytes = encoder.encode(path).length;
  if (pathBytes > maxPathBytes) throw refuse(`it has ${pathBytes} bytes and may have ${maxPathBytes}`);
  const names = relative.split("/");
  for (const name of names) checkName(name);
  if (names[0] === partialFolderName) throw refuse(`"${partialFolderName}" is the server's own`);
  return names;
}

function checkName(name: string): void {
  if (name === "") throw refuse("there is an empty name in it");
  if (name === "." || name === "..") throw refuse(`"${name}" is no name; give the path from the served folder`);
  if (name.includes("\0")) throw refuse("there is a zero character in it");
  const nameBytes = encoder.encode(name).length;
  if (nameBytes > maxNameBytes) throw refuse(`a name in it has ${nameBytes} bytes and may have ${maxNameBytes}`);
}

function refuse(reason: string): CallError {
  return new CallError("INVALID_ARGUMENT", `bad path: ${reason}`);
}
