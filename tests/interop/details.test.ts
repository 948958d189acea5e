// Details of errors as foreign servers send them, each by its toolkit's own means, read typed by our client. What foreign
// clients make of ours is in the matrix (grpc.test.ts). A peer that is missing is skipped by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallError, dial, packDetail } from "farcall";
import { BadRequest, ErrorInfo, RetryInfo, readDetails, Status } from "farcall/details";
import { bytes, int32, message, service, string, unary } from "farcall/idl";
import { commandOf, findPeers, needsPeer, startServer } from "../support/peer-programs.ts";
import { failureOf } from "../support/rpc-probe.ts";

const FailRequest = message("interop.FailRequest", { code: int32(1), message: string(2), details: bytes(3) });
const Nothing = message("interop.Nothing", {});
const Probe = service("interop.Probe", { fail: unary(FailRequest, Nothing) });
/** A type that no peer knows. */
const Sold = message("shop.Sold", { to: string(1) });

const text = "100% häßlich\n✓ 𝄞 end";
const standard = [
  packDetail(BadRequest, { fieldViolations: [{ field: "path", description: text }] }),
  packDetail(RetryInfo, { retryDelay: { seconds: 1n, nanos: 500_000_000 } }),
  packDetail(ErrorInfo, { reason: "NOT_ABSOLUTE", domain: "dirs.example", metadata: { path: "a" } }),
];

function checkStandard(error: CallError): void {
  assert.deepEqual([error.code, error.message], ["INVALID_ARGUMENT", text]);
  assert.equal(error.detail(BadRequest)?.fieldViolations[0]?.description, text);
  assert.deepEqual(error.detail(RetryInfo)?.retryDelay, { seconds: 1n, nanos: 500_000_000 });
  assert.deepEqual(error.detail(ErrorInfo)?.metadata, new Map([["path", "a"]]));
}

for (const peer of findPeers()) {
  test(`details that a server of ${peer.title} sends are read typed`, async (t) => {
    if (!needsPeer(peer, t)) return;
    const server = await startServer(commandOf(peer, "probe"));
    const channel = dial(`tcp://127.0.0.1:${server.port}`);
    const { fail } = channel.stub(Probe);
    const failing = (details: Parameters<typeof Status.encode>[0]["details"]) =>
      failureOf(
        fail({
          code: 3,
          message: text,
          details: Status.encode({ code: 3, message: text, ...(details && { details }) }),
        }),
      );
    try {
      checkStandard(await failing(standard));
      const mixed = await failing([packDetail(Sold, { to: "Ada" }), ...standard]);
      checkStandard(mixed);
      assert.equal(mixed.detail(Sold)?.to, "Ada");
      assert.deepEqual(
        readDetails(mixed).map(({ kind }) => kind),
        ["unknown", "BadRequest", "RetryInfo", "ErrorInfo"],
      );
    } finally {
      await channel.close();
      await server.stop();
    }
  });
}
