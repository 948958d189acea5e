// Real .proto files by the thousand, and buf, a second compiler of them: npm packages of fixed versions, unpacked and nothing else.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, findProgram, keep, kept, PeerMissing, run } from "./workshop.mjs";

/** Both are under Apache-2.0. */
const texts = { "google-proto-files": "5.0.3", "google-gax": "5.0.8" };
const bufVersion = "1.75.0";
const bufPackage = `@bufbuild/buf-${process.platform}-${process.arch}`;
const folder = () => cacheFolder("corpus", [], [JSON.stringify(texts), bufVersion]);

/** Downloads a package and unpacks it into a folder of its own in `into`. */
async function unpack(name, version, into) {
  const printed = await run("npm", ["pack", "--silent", "--pack-destination", into, `${name}@${version}`]);
  const archive = join(into, printed.trim().split("\n").at(-1));
  const own = join(into, name.replace(/^.*\//, ""));
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
    if (!note) return undefined;
    const buf = join(folder(), bufPackage.replace(/^.*\//, ""), "bin/buf");
    return { version: note.version, folder: folder(), programs: existsSync(buf) ? { buf: [buf] } : {} };
  },
  async bring(say) {
    if (!findProgram("tar")) throw new PeerMissing("there is no tar", "apt-get install tar");
    await keep(folder(), async (partial) => {
      for (const [name, version] of Object.entries(texts)) {
        say(`downloads ${name}`);
        await unpack(name, version, partial);
      }
      say("downloads buf");
      // There is none for some systems; protoc judges there alone.
      await unpack(bufPackage, bufVersion, partial).catch((error) => say(`goes on without buf: ${error.message}`));
      const versions = Object.entries({ ...texts, buf: bufVersion });
      return { version: versions.map(([name, version]) => `${name} ${version}`).join(", ") };
    });
  },
};
