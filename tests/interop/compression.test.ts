// Compressed requests to foreign servers: those that know deflate inflate it, and those that do not refuse the call; the
// error says what to do. (All of them know gzip: the matrix has it.) A peer that is missing is skipped by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dial } from "farcall";
import { bytes, int32, message, service, string, unary } from "farcall/idl";
import { commandOf, findPeers, needsPeer, startServer } from "../support/peer-programs.ts";
import { failureOf } from "../support/rpc-probe.ts";

const EchoMessage = message("interop.EchoMessage", { message: string(1), n: int32(2), payload: bytes(3) });
const Probe = service("interop.Probe", { echo: unary(EchoMessage, EchoMessage) });
/** They know gzip and others, and no deflate. */
const withoutDeflate = new Set(["go", "connect-es"]);
const sent = { message: "a".repeat(10_000), n: 7, payload: new Uint8Array(10_000) };

for (const peer of findPeers()) {
  const outcome = withoutDeflate.has(peer.name) ? "refuses, and the error says what to do" : "inflates";
  test(`what is compressed for the server of ${peer.title} it ${outcome}`, async (t) => {
    if (!needsPeer(peer, t)) return;
    const server = await startServer(commandOf(peer, "probe"));
    const channel = dial(`tcp://127.0.0.1:${server.port}`, { compression: "deflate" });
    const { echo } = channel.stub(Probe);
    try {
      if (withoutDeflate.has(peer.name)) {
        const error = await failureOf(echo(sent));
        assert.equal(error.code, "UNIMPLEMENTED");
        assert.match(
          error.message,
          /does not take deflate.*; the option compression: "identity" sends messages as they are/,
        );
      } else assert.deepEqual(await echo(sent), sent);
      assert.deepEqual(await echo(sent, { compression: "identity" }), sent);
    } finally {
      await channel.close();
      await server.stop();
    }
  });
}
