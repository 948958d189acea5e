// Example, demo: the same handlers over three transports; only the address differs.
import { type Channel, dial, implement, serve } from "farcall";
import { Directories } from "../../directories/gen/directories.ts";
import { createDirectories } from "../../directories/service.ts";
import { Lab } from "../lab.ts";
import { check, formatMs } from "../stage.ts";
import type { World } from "../world.ts";

/** Many and short: a quiet moment of a busy machine is short. */
const rounds = 8;
const shareOfRound = 0.35;

interface Transport {
  readonly address: string;
  readonly channel: Channel;
  /** The best median so far, and the 99th percentile of its round, in milliseconds. */
  p50Ms: number;
  p99Ms: number;
}

export async function showTransports({ stage, root, tcp, unix, roundMs }: World): Promise<void> {
  stage.chapter("One service, three transports");
  const lab = implement(Lab, { echo: (request) => request, nap: () => ({}) });
  const inProcess = await serve("memory:demo", [await createDirectories(root), lab]);
  const transports = [tcp, unix, "memory:demo"].map(
    (address): Transport => ({ address, channel: dial(address), p50Ms: Number.POSITIVE_INFINITY, p99Ms: 0 }),
  );
  // In turns, so that whatever else this machine does falls on all of them.
  for (let round = 0; round <= rounds; round++) {
    for (const transport of transports)
      await measureRound(transport, { roundMs: roundMs * shareOfRound, counts: round > 0 });
  }
  const rows = [["address", "photos/ holds", "echo p50", "p99"]];
  for (const { address, channel, p50Ms, p99Ms } of transports) {
    const { entries } = await channel.stub(Directories).listDirectory({ path: "photos" });
    const list = entries.map(({ name }) => name).join(" ");
    rows.push([address.replace(/^unix:.*\//, "unix:.../"), list, formatMs(p50Ms), formatMs(p99Ms)]);
    await channel.close();
  }
  await inProcess.close();
  stage.rows(rows);
  check(new Set(rows.slice(1).map(([, list]) => list)).size === 1, "every transport lists the same directories");
  stage.say("One call at a time, to another process (memory: to this one). Here waiting is all: two wake-ups a call.");
}

/** Makes calls one after the other; the first round, in which the compiler works, does not count. */
async function measureRound(
  transport: Transport,
  { roundMs, counts }: { readonly roundMs: number; readonly counts: boolean },
): Promise<void> {
  const { echo } = transport.channel.stub(Lab);
  const request = { text: "Is anybody there?" };
  const latencies: number[] = [];
  const endAt = performance.now() + roundMs;
  for (let at = performance.now(); at < endAt; ) {
    const { text } = await echo(request);
    check(text === request.text, "an echo is what was said");
    const now = performance.now();
    latencies.push(now - at);
    at = now;
  }
  const sorted = Float64Array.from(latencies).sort();
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => sorted[Math.floor(sorted.length * share)] as number);
  if (counts && (p50Ms as number) < transport.p50Ms) Object.assign(transport, { p50Ms, p99Ms });
}
