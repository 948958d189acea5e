// Example, demo: the server, a process of its own: `server.js ROOT ADDRESS...`. It tells what happens in it by JSON lines on
// its standard output, and ends when its standard input does: it never outlives the demo.
import { implement, serve } from "farcall";
import { reflection } from "farcall/services";
import { createFiles } from "../directories/files-service.ts";
import { createDirectories } from "../directories/service.ts";
import { Lab } from "./lab.ts";
import { serveRawEcho } from "./raw-echo.ts";

/** What the server tells. */
export type ServerNote =
  | { readonly kind: "serving"; readonly addresses: readonly string[]; readonly rawPort: number }
  | { readonly kind: "nap-began"; readonly ms: number }
  | { readonly kind: "nap-cancelled"; readonly afterMs: number; readonly reason: string };

function tell(note: ServerNote): void {
  process.stdout.write(`${JSON.stringify(note)}\n`);
}

const lab = implement(Lab, {
  echo: (request) => request,
  async nap({ ms }, call) {
    const beganAt = call.clock.now();
    call.signal.addEventListener("abort", () => {
      const reason = (call.signal.reason as Error).message;
      tell({ kind: "nap-cancelled", afterMs: call.clock.now() - beganAt, reason });
    });
    tell({ kind: "nap-began", ms });
    await call.sleep(ms);
    return {};
  },
});

const [root, ...addresses] = process.argv.slice(2);
if (root === undefined || addresses.length === 0) throw new Error("usage: server.js ROOT ADDRESS...");
const server = await serve(addresses, [await createDirectories(root), await createFiles(root), lab, reflection()]);
tell({ kind: "serving", addresses: server.addresses, rawPort: await serveRawEcho() });
process.stdin.on("end", () => process.exit(0)).resume();
