// grpcurl: the command that people call gRPC servers with, built from its own module. It learns contracts by reflection.
import { join } from "node:path";
import { cacheFolder, findProgram, keep, kept, PeerMissing, run } from "./workshop.mjs";

const release = "v1.9.3";
const folder = () => cacheFolder("grpcurl", [], [release]);

export const grpcurl = {
  name: "grpcurl",
  title: "grpcurl",
  role: "tool",
  find() {
    const note = kept(folder());
    return note && { version: note.version, programs: { grpcurl: [join(folder(), "grpcurl")] } };
  },
  async bring(say) {
    if (!findProgram("go")) throw new PeerMissing("there is no go", "install Go 1.26 or later, see go.dev/doc/install");
    await keep(folder(), async (partial) => {
      say("builds the command");
      const env = { ...process.env, GOBIN: partial };
      await run("go", ["install", `github.com/fullstorydev/grpcurl/cmd/grpcurl@${release}`], { env });
      return { version: release };
    });
  },
};
