// HTTP/2: two machines talk through a pipe that cuts bytes anywhere. Every body arrives as it was sent, every exchange ends
// on both sides, and the windows lose nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pair, type Plan } from "../support/http2-pair.ts";

const windows = { connectionWindowBytes: 65_535, resetsBurst: 10_000, faultsBurst: 10_000, resetsPerSecond: 0 };

const size = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60_000 }));
const plan: fc.Arbitrary<Plan> = fc.record({
  requestBytes: size,
  responseBytes: size,
  pieceBytes: fc.constantFrom(100, 1000, 5000, 20_000, 100_000),
  early: fc.boolean(),
  withTail: fc.boolean(),
  cut: fc.option(
    fc.record({
      by: fc.constantFrom("client" as const, "server" as const),
      afterBytes: fc.integer({ min: 1, max: 30_000 }),
    }),
    { nil: undefined, freq: 3 },
  ),
});

/** What must have become of an exchange when nothing moves any more. */
function checkEnd({ plan, client, server }: Pair["sides"][number]): void {
  assert.ok(server);
  const byClient = plan.cut?.by === "client" && plan.responseBytes >= plan.cut.afterBytes;
  const byServer = plan.cut?.by === "server" && plan.requestBytes >= plan.cut.afterBytes;
  if (!byClient && !byServer) {
    assert.equal(client.heardAll, true);
    assert.equal(client.received, plan.responseBytes);
    // A request that was answered before its end need not arrive.
    if (!plan.early) assert.equal(server.received, plan.requestBytes);
  } else if (!plan.early) {
    const [cutter, other] = byServer ? [server, client] : [client, server];
    assert.equal(cutter.hasCut || other.heardAll, true);
  }
}

test("whatever two machines do, bodies arrive whole, exchanges end, and windows are conserved", () => {
  const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20_000 })), {
    minLength: 1,
    maxLength: 20,
  });
  const streamWindowBytes = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1000, 65_535, 1_000_000));
  const rounds = fc.array(fc.array(plan, { maxLength: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(cuts, streamWindowBytes, rounds, (cutSizes, window, plans) => {
      const pair = new Pair({ ...windows, streamWindowBytes: Math.max(window, 100) }, cutSizes);
      for (const round of plans) {
        for (const next of round) pair.start(next);
        pair.settle();
        assert.equal(pair.client.openExchanges, 0);
      }
      pair.sides.forEach(checkEnd);
      // Were credit lost, four times the window would not get through.
      const large = { requestBytes: 262_140, responseBytes: 262_140, pieceBytes: 10_000 };
      pair.start({ ...large, early: false, withTail: true, cut: undefined });
      pair.settle();
      assert.equal(pair.sides.at(-1)?.client.heardAll, true);
      pair.sides.slice(-1).forEach(checkEnd);
    }),
    { seed: 9113, numRuns: 60 },
  );
});

test("a body passes through a pipe of single bytes, each way and with every piece size", () => {
  for (const pieceBytes of [1, 7, 3000]) {
    const pair = new Pair({ ...windows, streamWindowBytes: 500 }, [1]);
    pair.start({ requestBytes: 3000, responseBytes: 3000, pieceBytes, early: false, withTail: true, cut: undefined });
    pair.settle();
    pair.sides.forEach(checkEnd);
    assert.equal(pair.client.openExchanges, 0);
  }
});

test("a hundred exchanges at once share one connection", () => {
  const pair = new Pair({ ...windows, streamWindowBytes: 5000 }, [4096, 100, 9]);
  for (let index = 0; index < 100; index++) {
    pair.start({
      requestBytes: index * 50,
      responseBytes: 10_000 - index * 50,
      pieceBytes: 700,
      early: index % 2 === 0,
      withTail: index % 3 === 0,
      cut: undefined,
    });
  }
  pair.settle();
  pair.sides.forEach(checkEnd);
  assert.equal(pair.client.openExchanges, 0);
});
