// What the types of the RPC layer promise: compiled, never run.
import { type CallError, dial, implement, type ServerCall, serve } from "farcall";
import { bool, field, int64, message, repeated, serverStream, service, string, unary } from "farcall/idl";

const ListDirArgs = message("dirs.ListDirArgs", { path: string(1), after: int64(2) });
const DirectoryEntry = message("dirs.DirectoryEntry", { name: string(1), isDirectory: bool(2) });
const DirectoryList = message("dirs.DirectoryList", { entries: repeated(field(DirectoryEntry, 1)) });
const Directories = service("dirs.Directories", {
  listDirectory: unary(ListDirArgs, DirectoryList),
  watch: serverStream(ListDirArgs, DirectoryEntry),
});

export async function client(): Promise<string[]> {
  const directories = dial("tcp://127.0.0.1:1").stub(Directories);
  const { entries } = await directories.listDirectory({ path: "a", after: 5 }, { timeoutMs: 500 });
  const names: string[] = entries.map((entry) => entry.name);
  const flags: boolean[] = entries.map((entry) => entry.isDirectory);
  // @ts-expect-error a field that the message lacks
  entries[0]?.size;
  // @ts-expect-error a wrong type of field
  await directories.listDirectory({ path: 5 });
  // @ts-expect-error no such method
  await directories.removeDirectory({ path: "a" });
  // @ts-expect-error no such option
  await directories.listDirectory({ path: "a" }, { timeout: 5 });
  const list = await dial("tcp://127.0.0.1:1").call(Directories.methods.listDirectory, { path: "a" });
  return [...names, ...list.entries.map((entry) => entry.name), String(flags.length)];
}

export async function streams(): Promise<void> {
  const stub = dial("memory:x").stub(Directories);
  for await (const entry of stub.watch({ path: "a" })) {
    const name: string = entry.name;
    if (name === "") break;
  }
  // @ts-expect-error a stream is no promise of one message
  (await stub.watch({ path: "a" })).name;
}

export function picked(): Promise<{ entries: { name: string }[] }> {
  return dial("memory:x").stub({ list: Directories.methods.listDirectory }).list({ path: "a" });
}

class Handlers {
  readonly root = "/";

  async listDirectory(
    { path, after }: { path: string; after: bigint },
    call: ServerCall,
  ): Promise<{ entries: { name: string }[] }> {
    const left: number = call.timeLeftMs;
    return { entries: [{ name: this.root + path + after + left }] };
  }

  async *watch({ path }: { path: string }): AsyncGenerator<{ name: string }> {
    yield { name: path };
  }
}

export const servers = [
  serve("memory:a", [implement(Directories, new Handlers())]),
  serve("memory:b", [
    implement(Directories, { listDirectory: ({ path }) => ({ entries: [{ name: path }] }), watch: () => [] }),
  ]),
  serve("memory:c", [implement(Directories, {}, { partial: true })]),
];

// @ts-expect-error the handler is missing
implement(Directories, {});
// @ts-expect-error the reply has another shape
implement(Directories, { watch: () => [], listDirectory: () => ({ entries: [{ name: 5 }] }) });
// @ts-expect-error the request has no such field
implement(Directories, { watch: () => [], listDirectory: ({ size }) => ({ entries: [{ name: size }] }) });
// @ts-expect-error a stream's handler answers an iterable
implement(Directories, { watch: () => ({ name: "x" }), listDirectory: () => ({}) });

export function describe(error: CallError): string {
  switch (error.execution) {
    case "executed":
    case "not-executed":
    case "unknown":
      return `${error.code} ${error.phase}`;
  }
}
