// Benchmark, unary calls: who takes part, how each is started and configured.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findPeers } from "../../tests/support/peer-programs.ts";
import type { SideDescription } from "../support/side.ts";

/** A program of this folder, run by this Node. */
function program(name: string, ...words: string[]): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`./${name}.js`, import.meta.url)), ...words];
}

/** The version of this tree. */
function ourVersion(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Every side that takes part; one that is missing says why instead of its command. */
export function describeSides(): readonly SideDescription[] {
  const peers = findPeers();
  const versionOf = (name: string): string => peers.find((peer) => peer.name === name)?.version ?? "-";
  const cpp = peers.find((peer) => peer.name === "cpp");
  const missing = `${cpp?.why ?? "unknown"}; ${cpp?.command ?? "npm run peers -- cpp"}`;
  return [
    {
      name: "farcall",
      title: "farcall",
      version: ourVersion(),
      settings: "defaults, messages built in TypeScript",
      command: program("farcall"),
    },
    {
      name: "raw",
      title: "raw net",
      version: process.version,
      settings: "length header, one write a turn",
      command: program("raw", "turn"),
    },
    {
      name: "raw-early",
      title: "raw net, early flush",
      version: process.version,
      settings: "length header, flush at 2 KiB doubling to 64 KiB",
      command: program("raw", "early"),
    },
    {
      name: "cpp",
      title: "gRPC C++",
      version: versionOf("cpp"),
      settings: "-O2, callback server, completion-queue client",
      command: cpp?.programs?.["bench"] ?? missing,
    },
    {
      name: "grpc-js",
      title: "grpc-js",
      version: versionOf("grpc-js"),
      settings: "defaults, protobuf.js",
      command: program("grpc-js"),
    },
    {
      name: "connect-es",
      title: "connect-es, gRPC",
      version: versionOf("connect-es"),
      settings: "defaults, protobuf-es",
      command: program("connect-es"),
    },
  ];
}
