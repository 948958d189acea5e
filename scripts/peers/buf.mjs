// buf: the tool that people check changed contracts with. Its program comes inside a package of npm, one a platform, which is
// kept out of the tree: 50 MB are too many for everybody who runs the tests.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, keep, kept, run } from "./workshop.mjs";

const release = "1.75.0";
const folder = () => cacheFolder("buf", [], [release]);
const ending = process.platform === "win32" ? ".exe" : "";
const program = (root) =>
  join(root, "node_modules/@bufbuild", `buf-${process.platform}-${process.arch}`, "bin", `buf${ending}`);

export const buf = {
  name: "buf",
  title: "buf",
  role: "tool",
  find() {
    const note = kept(folder());
    return note && { version: note.version, programs: { buf: [program(folder())] } };
  },
  async bring(say) {
    await keep(folder(), async (partial) => {
      say("comes from npm");
      const words = ["install", "--prefix", partial, "--no-audit", "--no-fund", "--ignore-scripts"];
      await run("npm", [...words, `@bufbuild/buf@${release}`]);
      if (!existsSync(program(partial))) throw new Error(`@bufbuild/buf has no program for ${process.platform}`);
      return { version: release };
    });
  },
};
