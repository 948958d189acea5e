// Jazzer.js, the coverage-guided fuzzer (libFuzzer inside Node): npm packages of its own with an addon that wants glibc 2.38.
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { bringLoader, findLoader } from "./newer-libc.mjs";
import { cacheFolder, inTree, keep, kept, PeerMissing, run } from "./workshop.mjs";

const files = ["scripts/peers/jazzer/package.json", "scripts/peers/jazzer/package-lock.json"];
const folder = () => cacheFolder("jazzer", files);

/** Whether Node can load the addon; `loader` stands in front of the command. */
function starts(loader) {
  const [command, ...words] = [...loader, process.execPath, "-e", 'require("@jazzer.js/fuzzer")'];
  return spawnSync(command, words, { cwd: folder() }).status === 0;
}

export const jazzer = {
  name: "jazzer",
  title: "Jazzer.js",
  role: "tool",
  onDemand: true,
  find() {
    const note = kept(folder());
    const found = note && findLoader(starts);
    return (
      found && {
        version: found.glibc === undefined ? note.version : `${note.version} with glibc ${found.glibc}`,
        programs: {
          fuzzer: [...found.loader, process.execPath, join(folder(), "node_modules/@jazzer.js/core/dist/cli.js")],
        },
      }
    );
  },
  async bring(say) {
    if (process.platform !== "linux" || process.arch !== "x64") {
      throw new PeerMissing(`it is tried on Linux with x86-64 only, not ${process.platform} on ${process.arch}`);
    }
    if (kept(folder()) === undefined) {
      say("installs its packages");
      await keep(folder(), async (partial) => {
        for (const file of files) copyFileSync(inTree(file), join(partial, file.split("/").at(-1)));
        await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: partial });
        const listed = await run("npm", ["ls", "--json", "@jazzer.js/core"], { cwd: partial });
        return { version: JSON.parse(listed).dependencies["@jazzer.js/core"].version };
      });
    }
    if (findLoader(starts) === undefined) await bringLoader(say);
  },
};
