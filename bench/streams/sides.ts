// Benchmark, streams: who takes part. Every side's program takes the same orders.
import { findPeers } from "../../tests/support/peer-programs.ts";
import { nodeProgram, ourVersion, versionOf } from "../support/programs.ts";
import type { Command, SideDescription } from "../support/side.ts";

const same = (command: Command) => ({ server: command, client: command });

/** Our program; its server waits for a turn after every `burst` messages, or never when that is 0. */
function ours(burst: number): SideDescription {
  const settings = "defaults, generated messages, async generators";
  const command = nodeProgram("streams/farcall", `${burst}`);
  return { name: "farcall", title: "farcall", version: ourVersion(), settings, ...same(command) };
}

/** Ourselves, the limit, and the peers that are npm packages. */
export function describeSides(): readonly SideDescription[] {
  const peers = findPeers();
  const side = (name: string, title: string, version: string, settings: string): SideDescription => {
    return { name, title, version, settings, ...same(nodeProgram(`streams/${name}`)) };
  };
  const grpcJs = "defaults, protobuf.js, write until false and go on with drain";
  return [
    ours(0),
    side("raw", "raw net", process.version, "length header, flush at 2 KiB doubling to 64 KiB, messages not gathered"),
    side("grpc-js", "grpc-js", versionOf(peers, "grpc-js"), grpcJs),
    side("connect-es", "connect-es, gRPC", versionOf(peers, "connect-es"), "defaults, protobuf-es, async generators"),
  ];
}

/** Our program once for each size of burst, so that bursts alternate as sides do. */
export function describeBursts(bursts: readonly number[]): readonly SideDescription[] {
  return bursts.map((burst) => ({ ...ours(burst), name: `burst-${burst}`, title: `${burst} a turn` }));
}
