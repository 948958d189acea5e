// Other releases of Node, from their npm packages: the newest with long-term support and the newest. `npm test -- --node 24`
// runs the tests under one.
import { join } from "node:path";
import { cacheFolder, keep, kept, PeerMissing, run } from "./workshop.mjs";

/** The packages are named after system and processor; these exist. */
const systems = ["linux-x64", "linux-arm64", "darwin-arm64"];

function nodeRelease(version) {
  const major = version.split(".")[0];
  const system = `${process.platform}-${process.arch}`;
  const packageName = `node-${system}`;
  const folder = () => cacheFolder(`node-${major}`, [], [version]);
  return {
    name: `node-${major}`,
    title: `Node ${major}`,
    role: "tool",
    find() {
      const note = kept(folder());
      return note && { version: note.version, programs: { node: [join(folder(), note.path)] } };
    },
    async bring(say) {
      if (!systems.includes(system)) throw new PeerMissing(`npm has no Node for ${system}`, undefined);
      await keep(folder(), async (partial) => {
        say(`installs ${packageName}`);
        const words = ["--prefix", partial, "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit"];
        await run("npm", ["install", "--silent", ...words, `${packageName}@${version}`]);
        const path = join("node_modules", packageName, "bin/node");
        const found = (await run(join(partial, path), ["--version"])).trim();
        if (found !== `v${version}`) throw new Error(`${packageName}@${version} says that it is ${found}`);
        return { version: found, path };
      });
    },
  };
}

export const nodeReleases = [nodeRelease("24.21.0"), nodeRelease("26.10.0")];
