// Example, demo: calls to a server in another process change its disk.
import { readdirSync } from "node:fs";
import { dial } from "farcall";
import { Directories } from "../../directories/gen/directories.ts";
import { check, formatMs } from "../stage.ts";
import { timed, type World } from "../world.ts";

export async function showCalls({ stage, tcp, root }: World): Promise<void> {
  stage.chapter("Directories are made on the server's disk");
  const channel = dial(tcp);
  const directories = channel.stub(Directories);
  const rows: string[][] = [];
  for (const path of ["photos", "photos/2025", "photos/2026"]) {
    const { ms } = await timed(() => directories.makeDirectory({ path }));
    const note = rows.length === 0 ? "connects first" : "";
    rows.push([`makeDirectory({ path: "${path}" })`, "{}", formatMs(ms), note]);
  }
  const { result, ms } = await timed(() => directories.listDirectory({ path: "photos" }));
  const names = result.entries.map(({ name }) => name);
  rows.push(['listDirectory({ path: "photos" })', names.join(" "), formatMs(ms), ""]);
  await channel.close();
  stage.rows(rows);
  const onDisk = readdirSync(`${root}/photos`).sort();
  check(onDisk.join() === "2025,2026", "the disk has the two directories that were made");
  check(names.join() === onDisk.join(), "the list is what the disk has");
  stage.say(`The disk was looked at, too: it holds photos/${onDisk.join(" and photos/")}.`);
}
