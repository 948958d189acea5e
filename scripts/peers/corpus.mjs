// Real .proto files by the thousand: npm packages of fixed versions, unpacked and nothing else.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, findProgram, keep, kept, PeerMissing, run } from "./workshop.mjs";

/** Both are under Apache-2.0. */
const texts = { "google-proto-files": "5.0.3", "google-gax": "5.0.8" };
const folder = () => cacheFolder("corpus", [], [JSON.stringify(texts)]);

/** Downloads a package and unpacks it into a folder of its own in `into`. */
async function unpack(name, version, into) {
  const printed = await run("npm", ["pack", "--silent", "--pack-destination", into, `${name}@${version}`]);
  const archive = join(into, printed.trim().split("\n").at(-1));
  const own = join(into, name);
  mkdirSync(own);
  await run("tar", ["-xzf", archive, "-C", own, "--strip-components", "1"]);
  rmSync(archive);
}

export const corpus = {
  name: "corpus",
  title: ".proto corpus",
  role: "tool",
  find() {
    const note = kept(folder());
    return note && { version: note.version, folder: folder(), programs: {} };
  },
  async bring(say) {
    if (!findProgram("tar")) throw new PeerMissing("there is no tar", "apt-get install tar");
    await keep(folder(), async (partial) => {
      for (const [name, version] of Object.entries(texts)) {
        say(`downloads ${name}`);
        await unpack(name, version, partial);
      }
      const versions = Object.entries(texts).map(([name, version]) => `${name} ${version}`);
      return { version: versions.join(", ") };
    });
  },
};
