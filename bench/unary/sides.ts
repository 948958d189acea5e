// Benchmark, unary calls: who takes part, how each is started and configured.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findPeers } from "../../tests/support/peer-programs.ts";
import type { Command, SideDescription } from "../support/side.ts";

/** A program of this folder, run by this Node. */
function program(name: string, ...words: string[]): Command {
  return [process.execPath, fileURLToPath(new URL(`./${name}.js`, import.meta.url)), ...words];
}

/** The version of this tree. */
function ourVersion(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The sides named, in that order; a side whose peer is not installed says so instead of its commands. */
export function describeSides(...names: (string | readonly string[])[]): readonly SideDescription[] {
  const peers = findPeers();
  const versionOf = (name: string): string => peers.find((peer) => peer.name === name)?.version ?? "-";
  const farcall = program("farcall", "default");
  const peer = peers.find(({ name }) => name === "cpp");
  const cpp = (peer?.programs?.["bench"] ?? ["missing"]) as Command;
  const missing = peer?.ready === true ? {} : { missing: peer?.command ?? "npm run peers -- cpp" };
  const both = `${ourVersion()} and ${versionOf("cpp")}`;
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
      version: versionOf("cpp"),
      settings: "-O2, callback server, completion-queue client",
      ...same(cpp),
      ...missing,
    },
    {
      name: "grpc-js",
      title: "grpc-js",
      version: versionOf("grpc-js"),
      settings: "defaults, protobuf.js",
      ...same(program("grpc-js")),
    },
    {
      name: "connect-es",
      title: "connect-es, gRPC",
      version: versionOf("connect-es"),
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
