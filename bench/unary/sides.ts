// Benchmark, unary calls: who takes part, how each is started and configured.
import { findPeers } from "../../tests/support/peer-programs.ts";
import { nodeProgram, ourVersion, versionOf } from "../support/programs.ts";
import type { Command, Load, SideDescription } from "../support/side.ts";

/** A load of unary calls: so many callers. */
export function callers(count: number): Pick<Load, "name" | "work"> {
  return { name: `${count} in flight`, work: `${count}` };
}

/** A program of this folder, run by this Node. */
const program = (name: string, ...words: string[]): Command => nodeProgram(`unary/${name}`, ...words);

/** The sides named, in that order; a side whose peer is not installed says so instead of its commands. */
export function describeSides(...names: (string | readonly string[])[]): readonly SideDescription[] {
  const peers = findPeers();
  const farcall = program("farcall", "default");
  const peer = peers.find(({ name }) => name === "cpp");
  const cpp = (peer?.programs?.["bench"] ?? ["missing"]) as Command;
  const missing = peer?.ready === true ? {} : { missing: peer?.command ?? "npm run peers -- cpp" };
  const both = `${ourVersion()} and ${versionOf(peers, "cpp")}`;
  const same = (command: Command) => ({ server: command, client: command });
  const known: readonly SideDescription[] = [
    {
      name: "farcall",
      title: "farcall",
      version: ourVersion(),
      settings: "defaults, generated messages",
      ...same(farcall),
    },
    {
      name: "farcall-wide",
      title: "farcall, 1 connection",
      version: ourVersion(),
      settings: "maxConcurrentStreams 1,000, maxConnections 1",
      ...same(program("farcall", "wide")),
    },
    {
      name: "farcall-cpp",
      title: "farcall client, C++ server",
      version: both,
      settings: "as on both sides",
      server: cpp,
      client: farcall,
      ...missing,
    },
    {
      name: "cpp-farcall",
      title: "C++ client, farcall server",
      version: both,
      settings: "as on both sides",
      server: farcall,
      client: cpp,
      ...missing,
    },
    {
      name: "raw",
      title: "raw net",
      version: process.version,
      settings: "length header, one write a turn",
      ...same(program("raw", "turn")),
    },
    {
      name: "raw-early",
      title: "raw net, early flush",
      version: process.version,
      settings: "length header, flush at 2 KiB doubling to 64 KiB",
      ...same(program("raw", "early")),
    },
    {
      name: "cpp",
      title: "gRPC C++",
      version: versionOf(peers, "cpp"),
      settings: "-O2, callback server, completion-queue client",
      ...same(cpp),
      ...missing,
    },
    {
      name: "grpc-js",
      title: "grpc-js",
      version: versionOf(peers, "grpc-js"),
      settings: "defaults, protobuf.js",
      ...same(program("grpc-js")),
    },
    {
      name: "connect-es",
      title: "connect-es, gRPC",
      version: versionOf(peers, "connect-es"),
      settings: "defaults, protobuf-es",
      ...same(program("connect-es")),
    },
  ];
  return names.flat().map((name) => {
    const found = known.find((side) => side.name === name);
    if (found === undefined) throw new Error(`no side is called ${name}`);
    return found;
  });
}
