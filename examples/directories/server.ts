// Example, directories: the server. `node build/examples/directories/server.js ROOT [ADDRESS] [--insecure]`
import { parseArgs } from "node:util";
import { serve } from "farcall";
import { reflection } from "farcall/services";
import { createFiles } from "./files-service.ts";
import { defaultAddress, exitWith, readOrExit } from "./program.ts";
import { createDirectories } from "./service.ts";

const usage = `usage: server.js ROOT [ADDRESS] [--insecure]
  ROOT        the folder whose directories and files are served
  ADDRESS     tcp://host:port, unix:/path or unix:@name; ${defaultAddress} by default
  --insecure  permit plain text beyond this machine`;

const { values, positionals } = readOrExit(usage, () =>
  parseArgs({ allowPositionals: true, options: { insecure: { type: "boolean", default: false } } }),
);
const [root, address = defaultAddress, ...rest] = positionals;
if (root === undefined || rest.length > 0) exitWith(2, usage);

const services = await Promise.all([createDirectories(root), createFiles(root)]).catch((error: Error) =>
  exitWith(1, `${root}: ${error.message}`),
);
const server = await serve(address, [...services, reflection()], values).catch((error: Error) =>
  exitWith(1, error.message),
);
console.log(`serving ${root} at ${server.addresses.join(", ")}`);

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    // The second signal is from somebody who does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    await server.drain({ withinMs: 2000 });
    process.exit(0);
  });
}
