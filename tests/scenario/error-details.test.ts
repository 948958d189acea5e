// Details of errors as programs use them: google.rpc's types and own ones, from a handler to its caller; and whatever a peer
// writes into `grpc-status-details-bin`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, packDetail } from "farcall";
import { BadRequest, ErrorInfo, RetryInfo, readDetails, Status, standardDetails } from "farcall/details";
import { int32, message, string } from "farcall/idl";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { ScriptedServer, trailersOnly } from "../support/rpc-peer.ts";
import { failureOf, Probe } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const Sold = message("shop.Sold", { to: string(1), price: int32(2) });
const fieldViolations = [{ field: "path", description: "häßlich ✓", reason: "NOT_ABSOLUTE" }];

/** The failure of a call whose handler throws `thrown`. */
async function thrownBy(thrown: () => CallError): Promise<CallError> {
  const world = new Simulated();
  await world.run(() =>
    world.serve(() => {
      throw thrown();
    }),
  );
  return world.run(() => failureOf(world.stub().run({ tag: "a" })));
}

test("a handler's details arrive typed: google.rpc's and its own", async () => {
  const error = await thrownBy(
    () =>
      new CallError("INVALID_ARGUMENT", "the path is wrong", {
        details: [
          packDetail(BadRequest, { fieldViolations }),
          packDetail(Sold, { to: "Ada", price: 3 }),
          packDetail(RetryInfo, { retryDelay: { seconds: 5 } }),
          packDetail(ErrorInfo, { reason: "BAD_PATH", domain: "dirs.example", metadata: { path: "a" } }),
        ],
      }),
  );
  const [violation] = error.detail(BadRequest)?.fieldViolations ?? [];
  assert.deepEqual(
    [violation?.field, violation?.description, violation?.reason],
    ["path", "häßlich ✓", "NOT_ABSOLUTE"],
  );
  assert.deepEqual(error.detail(Sold), { to: "Ada", price: 3 });
  assert.equal(error.detail(RetryInfo)?.retryDelay?.seconds, 5n);
  assert.deepEqual(error.detail(ErrorInfo)?.metadata, new Map([["path", "a"]]));
  assert.equal(error.details.length, 4);
  assert.equal(error.details[1]?.typeUrl, "type.googleapis.com/shop.Sold");
});

test("readDetails tells of all, in order; what it does not know or cannot read stays as it came", async () => {
  const broken = { typeUrl: "type.googleapis.com/google.rpc.Help", value: Uint8Array.of(0xff) };
  const sold = packDetail(Sold, { to: "Ada" });
  const error = await thrownBy(
    () => new CallError("ABORTED", "no", { details: [packDetail(BadRequest, { fieldViolations }), sold, broken] }),
  );
  const kinds = readDetails(error).map((detail) => {
    switch (detail.kind) {
      case "BadRequest":
        return detail.message.fieldViolations.map(({ field }) => field).join();
      case "unknown":
        return `${detail.typeUrl} ${Buffer.from(detail.value).toString("hex")}`;
      default:
        return detail.kind;
    }
  });
  assert.deepEqual(kinds, [
    "path",
    `type.googleapis.com/shop.Sold ${Buffer.from(sold.value).toString("hex")}`,
    "type.googleapis.com/google.rpc.Help ff",
  ]);
  const own = readDetails(error, { ...standardDetails, Sold })[1];
  assert.deepEqual([own?.kind, own?.kind === "Sold" && own.message.to], ["Sold", "Ada"]);
});

test("an error that a handler passes on keeps its details", async () => {
  const world = new Simulated();
  const first = new CallError("NOT_FOUND", "gone", { details: [packDetail(Sold, { to: "Ada" })] });
  await world.run(() =>
    world.serve(async ({ tag }) => {
      if (tag === "inner") throw first;
      return world.stub().run({ tag: "inner" });
    }),
  );
  const error = await world.run(() => failureOf(world.stub().run({ tag: "outer" })));
  assert.deepEqual([error.code, error.detail(Sold)?.to], ["NOT_FOUND", "Ada"]);
});

const status = Status.encode({
  code: 3,
  message: "as the field says it",
  details: [packDetail(Sold, { to: "Ada" }), packDetail(BadRequest, { fieldViolations })],
});
const base64 = Buffer.from(status).toString("base64");
assert.match(base64, /=$/, "or padding makes no difference");
/** Two details, of which the second is cut off. */
const cut = Buffer.from(status.subarray(0, status.length - 3)).toString("base64");

const fields: readonly (readonly [how: string, value: string, to: string | undefined])[] = [
  ["padded base64, as grpc-js and grpc-java write it", base64, "Ada"],
  ["base64 without padding, as grpc-go and gRPC C++ do", base64.replace(/=+$/, ""), "Ada"],
  ["base64 in the alphabet of URLs", Buffer.from(status).toString("base64url"), "Ada"],
  ["nothing", "", undefined],
  ["no base64", "{not base64}", undefined],
  ["base64 of no message", Buffer.from([0xff, 0xff, 0xff]).toString("base64"), undefined],
  ["a message that is cut off", cut, undefined],
  ["a Status without details", Buffer.from(Status.encode({ code: 3 })).toString("base64"), undefined],
  ["two values", `${base64},${base64}`, undefined],
];

for (const [how, value, to] of fields) {
  test(`grpc-status-details-bin with ${how}: the failure is told in any case, and the status of the header wins`, async () => {
    const machine = createRealMachine();
    const peer = await ScriptedServer.listen(machine, `memory:details-${fields.findIndex(([one]) => one === how)}`);
    const channel = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 });
    const failing = failureOf(channel.stub(Probe).run({ tag: "a" }));
    const connection = await peer.next();
    const { id } = await connection.next("DATA");
    const extra: [string, string][] = [
      ["grpc-message", "as the header says it"],
      ["grpc-status-details-bin", value],
    ];
    connection.send(trailersOnly(id, 5, extra));
    const error = await failing;
    assert.deepEqual([error.code, error.message], ["NOT_FOUND", "as the header says it"]);
    assert.equal(error.detail(Sold)?.to, to);
    assert.equal(error.detail(BadRequest)?.fieldViolations[0]?.field, to === undefined ? undefined : "path");
    assert.equal(readDetails(error).length, to === undefined ? 0 : 2);
    await channel.close();
    await peer.close();
  });
}
