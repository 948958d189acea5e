// Connect's conformance runner, built from its module, and the .proto files of its suite beside it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder, findProgram, keep, kept, PeerMissing, run } from "./workshop.mjs";

const moduleName = "connectrpc.com/conformance";
const release = "v1.0.5";
const folder = () => cacheFolder("connect-conformance", [], [release]);

/** Copies a folder of files without their permissions: what Go keeps may not be written to, nor deleted. */
function copyTexts(from, to) {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(source));
  }
}

export const connectConformance = {
  name: "connect-conformance",
  title: "Connect conformance",
  role: "tool",
  find() {
    const note = kept(folder());
    if (note === undefined) return undefined;
    const programs = { runner: [join(folder(), "connectconformance")] };
    return { version: note.version, folder: join(folder(), "proto"), programs };
  },
  async bring(say) {
    if (!findProgram("go")) throw new PeerMissing("there is no go", "install Go 1.26 or later, see go.dev/doc/install");
    await keep(folder(), async (partial) => {
      say("builds the runner");
      const env = { ...process.env, GOBIN: partial };
      await run("go", ["install", `${moduleName}/cmd/connectconformance@${release}`], { env });
      const listed = await run("go", ["mod", "download", "-json", `${moduleName}@${release}`], { cwd: partial });
      copyTexts(join(JSON.parse(listed).Dir, "proto"), join(partial, "proto"));
      return { version: release };
    });
  },
};
