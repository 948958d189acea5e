// Judges of HTTP/2: h2spec of servers, h2specd of clients, and Go's HPACK decoder, built from the module that pins them.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, findProgram, inTree, keep, kept, PeerMissing, run } from "./workshop.mjs";

const home = "tests/conformance/http2/judges";
const sources = ["go.mod", "go.sum", "main.go"];
const folder = () =>
  cacheFolder(
    "http2-judges",
    sources.map((file) => `${home}/${file}`),
  );

export const http2Judges = {
  name: "http2-judges",
  title: "HTTP/2 judges",
  role: "tool",
  find() {
    const note = kept(folder());
    const program = (name) => [join(folder(), "programs", name)];
    const programs = { h2spec: program("h2spec"), h2specd: program("h2specd"), hpack: program("judges") };
    return note && { version: note.version, programs };
  },
  async bring(say) {
    if (!findProgram("go")) throw new PeerMissing("there is no go", "install Go 1.26 or later, see go.dev/doc/install");
    await keep(folder(), async (partial) => {
      for (const file of sources) cpSync(inTree(`${home}/${file}`), join(partial, file));
      mkdirSync(join(partial, "programs"));
      say("builds h2spec, h2specd and the judge of HPACK");
      await run("go", ["build", "-o", "programs/", "tool", "."], { cwd: partial });
      const modules = ["github.com/summerwind/h2spec", "golang.org/x/net"];
      const listed = await run("go", ["list", "-m", "-f", "{{.Path}} {{.Version}}", ...modules], { cwd: partial });
      return {
        version: listed
          .trim()
          .split("\n")
          .map((line) => line.split("/").at(-1))
          .join(", "),
      };
    });
  },
};
