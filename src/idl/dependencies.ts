// IDL layer: files with what they import. It reads descriptors only.
import type { FileDescriptor } from "./descriptor.ts";

/** The files and all that they import, each once and behind what it imports. */
export function withDependencies(files: readonly FileDescriptor[]): FileDescriptor[] {
  const found = new Set<FileDescriptor>();
  const visit = (file: FileDescriptor): void => {
    if (found.has(file)) return;
    file.dependencies.forEach(visit);
    found.add(file);
  };
  files.forEach(visit);
  return [...found];
}
