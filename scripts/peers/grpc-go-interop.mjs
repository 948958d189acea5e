// grpc-go's own client and server of gRPC's interoperability tests, built from its module.
import { join } from "node:path";
import { cacheFolder, findProgram, keep, kept, PeerMissing, run } from "./workshop.mjs";

const release = "v1.83.1";
const folder = () => cacheFolder("grpc-go-interop", [], [release]);

export const grpcGoInterop = {
  name: "grpc-go-interop",
  title: "grpc-go interop",
  role: "tool",
  find() {
    const note = kept(folder());
    const programs = { client: [join(folder(), "client")], server: [join(folder(), "server")] };
    return note && { version: note.version, programs };
  },
  async bring(say) {
    if (!findProgram("go")) throw new PeerMissing("there is no go", "install Go 1.26 or later, see go.dev/doc/install");
    await keep(folder(), async (partial) => {
      say("builds the client and the server");
      const env = { ...process.env, GOBIN: partial };
      const programs = ["client", "server"].map((name) => `google.golang.org/grpc/interop/${name}@${release}`);
      await run("go", ["install", ...programs], { env });
      return { version: release };
    });
  },
};
