// gRPC's interoperability tests between our client and our server; with the programs of others: `npm run conformance:interop`.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { unaryCases } from "./interop/cases.ts";
import { CompressionWatch } from "./interop/compression-watch.ts";
import { maxMessageBytes } from "./interop/contract.ts";
import { implementInterop } from "./interop/handlers.ts";
import { moreCases } from "./interop/more-cases.ts";
import { streamCases } from "./interop/stream-cases.ts";
import { rows } from "./interop/table.ts";

/** Each side sees compression with its own eyes. */
function side() {
  const watch = new CompressionWatch();
  return { watch, runtime: createRuntime(watch.watchMachine(createRealMachine())) };
}

const theirs = side();
const server = await theirs.runtime.serve("tcp://127.0.0.1:0", implementInterop(theirs.watch), {
  compression: "gzip",
  maxMessageBytes,
});
const { watch, runtime } = side();
const open = () => runtime.dial(server.addresses[0] as string, { maxMessageBytes });
const channel = open();
after(() => Promise.all([channel.close(), server.close()]));

const cases = [...unaryCases, ...streamCases, ...moreCases];

for (const [name, run] of cases) {
  test(`gRPC's case ${name} holds between our client and our server`, () =>
    run({ channel, open, watch, soakIterations: 20 }));
}

test("the table of pairs has every case that our client knows", () => {
  assert.deepEqual(rows.map(([name]) => name).sort(), cases.map(([name]) => name).sort());
});
