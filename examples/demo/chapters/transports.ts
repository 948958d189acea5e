// Example, demo: the same handlers over three transports; only the address differs.
import { type Channel, dial, implement, serve } from "farcall";
import { Directories } from "../../directories/gen/directories.ts";
import { createDirectories } from "../../directories/service.ts";
import { Lab } from "../lab.ts";
import { check, formatMs } from "../stage.ts";
import type { World } from "../world.ts";

const rounds = 8;
/** Many and short, so that whatever else this machine does falls on all transports. */
const shareOfRound = 0.35;

interface Transport {
  readonly address: string;
  readonly channel: Channel;
  /** In milliseconds, of all rounds but the first, in which the compiler works. */
  readonly latencies: number[];
}

export async function showTransports({ stage, root, tcp, unix, roundMs }: World): Promise<void> {
  stage.chapter("One service, three transports");
  const lab = implement(Lab, { echo: (request) => request, nap: () => ({}) });
  const inProcess = await serve("memory:demo", [await createDirectories(root), lab]);
  const transports = [tcp, unix, "memory:demo"].map(
    (address): Transport => ({ address, channel: dial(address), latencies: [] }),
  );
  for (let round = 0; round <= rounds; round++) {
    for (const { channel, latencies } of transports) {
      const measured = await measureEcho(channel, roundMs * shareOfRound);
      if (round > 0) latencies.push(...measured);
    }
  }
  const rows = [["address", "photos/ holds", "echo p50", "p99"]];
  for (const { address, channel, latencies } of transports) {
    const { entries } = await channel.stub(Directories).listDirectory({ path: "photos" });
    const list = entries.map(({ name }) => name).join(" ");
    const sorted = Float64Array.from(latencies).sort();
    const at = (share: number): string => formatMs(sorted[Math.floor(sorted.length * share)] as number);
    rows.push([address.replace(/^unix:.*\//, "unix:.../"), list, at(0.5), at(0.99)]);
    await channel.close();
  }
  await inProcess.close();
  stage.table(rows);
  check(new Set(rows.slice(1).map(([, list]) => list)).size === 1, "every transport lists the same directories");
  stage.say("One call at a time, to another process (memory: to this one). Here waiting is all: two wake-ups a call.");
}

/** Makes calls one after the other; resolves with how long each took. */
async function measureEcho(channel: Channel, forMs: number): Promise<number[]> {
  const { echo } = channel.stub(Lab);
  const request = { text: "Is anybody there?" };
  const latencies: number[] = [];
  const endAt = performance.now() + forMs;
  for (let at = performance.now(); at < endAt; ) {
    const { text } = await echo(request);
    check(text === request.text, "an echo is what was said");
    const now = performance.now();
    latencies.push(now - at);
    at = now;
  }
  return latencies;
}
