// Example, demo: the server dies without a word and comes back; one channel goes on through it all.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CallError, dial } from "farcall";
import { Directories } from "../../directories/gen/directories.ts";
import { Lab } from "../lab.ts";
import { ServerProcess } from "../server-process.ts";
import { check, formatMs } from "../stage.ts";
import { sleep, type World } from "../world.ts";
import { failureOf } from "./failures.ts";

const paceMs = 15;
/** How long calls are made before the kill, while nobody listens, and after the restart. */
const [beforeMs, outageMs, afterMs] = [300, 250, 300];

interface Outcome {
  readonly path: string;
  /** What the server was doing when the call was made. */
  readonly during: "before" | "outage" | "after";
  readonly ms: number;
  readonly error: CallError | undefined;
}

export async function showRestart(world: World): Promise<void> {
  const { stage, tcp } = world;
  stage.chapter("The server is killed, and started again");
  const channel = dial(tcp);
  const directories = channel.stub(Directories);
  await directories.makeDirectory({ path: "jobs" });
  const nap = failureOf(channel.stub(Lab).nap({ ms: 5000 }));
  await world.server.next("nap-began");

  const progress: Progress = { during: "before", over: false };
  const make = async (path: string): Promise<Outcome> => {
    const [during, madeAt] = [progress.during, performance.now()];
    const error = await directories.makeDirectory({ path }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    check(error === undefined || error instanceof CallError, "a call fails with a CallError or not at all");
    return { path, during, ms: performance.now() - madeAt, error };
  };
  const [outcomes, downMs] = await Promise.all([makeJobs(make, progress), killAndRestart(world, progress)]);
  await channel.close();
  show(world, { outcomes, lost: await nap, downMs });
}

interface Progress {
  during: Outcome["during"];
  over: boolean;
}

/** Makes a call every now and then, whether those before have ended or not. */
async function makeJobs(make: (path: string) => Promise<Outcome>, progress: Progress): Promise<Outcome[]> {
  const calls: Promise<Outcome>[] = [];
  for (let job = 1; !progress.over; job++) {
    calls.push(make(`jobs/${job}`));
    await sleep(paceMs);
  }
  return Promise.all(calls);
}

/** Resolves with the time for which there was no server. */
async function killAndRestart(world: World, progress: Progress): Promise<number> {
  try {
    await sleep(beforeMs);
    const killedAt = performance.now();
    await world.server.kill();
    progress.during = "outage";
    await sleep(outageMs);
    world.server = (await ServerProcess.start(world.root, [world.tcp, world.unix])).process;
    progress.during = "after";
    const downMs = performance.now() - killedAt;
    await sleep(afterMs);
    return downMs;
  } finally {
    progress.over = true;
  }
}

function show(
  { stage, root }: World,
  seen: { readonly outcomes: readonly Outcome[]; readonly lost: CallError; readonly downMs: number },
): void {
  const { outcomes, lost, downMs } = seen;
  const row = (during: Outcome["during"], title: string): string[] => {
    const calls = outcomes.filter((one) => one.during === during);
    const made = calls.filter(({ error }) => error === undefined);
    const failed = calls.filter(({ error }) => error !== undefined);
    const words = [...new Set(failed.map(({ error }) => `${error?.execution}`))];
    const longestMs = Math.max(...calls.map(({ ms }) => ms));
    const failures = failed.length === 0 ? "" : `, ${failed.length} ${words.join("; ")}`;
    return [title, `${calls.length} calls`, `${made.length} succeeded${failures}`, `longest ${formatMs(longestMs)}`];
  };
  stage.rows([
    row("before", "before the kill"),
    row("outage", `with no server, ${formatMs(downMs)}`),
    row("after", "after the restart"),
    ["in its handler at kill -9", "1 call", `${lost.code}, ${lost.execution}`, ""],
  ]);
  check(lost.code === "UNAVAILABLE", "a call whose server dies ends with UNAVAILABLE");
  check(lost.execution === "unknown", "nobody can know how far a dead server came");
  const waited = outcomes.filter(({ during }) => during === "outage");
  check(waited.length > 0, "calls were made while nobody listened");
  for (const { path, during, error } of outcomes) {
    const exists = existsSync(join(root, path));
    if (error === undefined) check(exists, `${path} was said to be made, so it is on the disk`);
    else if (error.execution === "not-executed")
      check(!exists, `${path} was said not to be executed, so it is not there`);
    check(during !== "after" || error === undefined, "after the restart every call succeeds");
  }
  stage.say("No call was lost in silence: what could wait waited, and each outcome was held against the disk.");
}
