// Peers that are development dependencies: grpc-js and connect-es. `npm ci` brings them, `npm test` compiles our programs.
import { existsSync, readFileSync } from "node:fs";
import { inTree, PeerMissing } from "./workshop.mjs";

function npmPeer(name, packageName) {
  return {
    name,
    title: name,
    find() {
      const manifest = inTree(`node_modules/${packageName}/package.json`);
      if (!existsSync(manifest)) return undefined;
      return {
        version: JSON.parse(readFileSync(manifest, "utf8")).version,
        programs: { probe: [process.execPath, inTree(`build/tests/interop/peers/${name}.js`)] },
      };
    },
    async bring() {
      throw new PeerMissing(`${packageName} is not in node_modules`, "npm ci");
    },
  };
}

export const grpcJs = npmPeer("grpc-js", "@grpc/grpc-js");
export const connectEs = npmPeer("connect-es", "@connectrpc/connect-node");
