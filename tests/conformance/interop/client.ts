// gRPC's interoperability tests: our client, for the servers of others: `node client.js ADDRESS CASE...`, with the authority to
// trust in INTEROP_AUTHORITY where it speaks TLS. Prints a line of JSON for each case.
import { readFileSync } from "node:fs";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { unaryCases } from "./cases.ts";
import { CompressionWatch } from "./compression-watch.ts";
import { maxMessageBytes } from "./contract.ts";
import { moreCases } from "./more-cases.ts";
import { streamCases } from "./stream-cases.ts";

const [address = "", ...wanted] = process.argv.slice(2);
const authority = process.env["INTEROP_AUTHORITY"];
const watch = new CompressionWatch();
const runtime = createRuntime(watch.watchMachine(createRealMachine()));
const cases = new Map([...unaryCases, ...streamCases, ...moreCases]);

const open = () =>
  runtime.dial(address, { maxMessageBytes, ...(authority !== undefined && { tls: { ca: readFileSync(authority) } }) });

const channel = open();
const soakIterations = 1000;
for (const name of wanted) {
  const run = cases.get(name);
  if (run === undefined) throw new Error(`no case is called ${name}`);
  const fault = await run({ channel, open, watch, soakIterations }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  console.log(JSON.stringify({ case: name, fault }));
}
await channel.close();
