// What the soak calls flat, and what it calls left behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { grownBytes, judgeHoldings, leftAt, maxGrownBytes, type QuietPoint } from "./verdict.ts";

const mebibyte = 1024 * 1024;

/** A quiet point of four connections, at which all is well unless `client` and `server` say otherwise. */
function pointOf(
  calls: number,
  client: Partial<QuietPoint["client"]> = {},
  server: Partial<QuietPoint["server"]> = {},
): QuietPoint {
  const both = { bytes: 10 * mebibyte, cpuSeconds: 1, connections: 4, openCalls: 0, queuedCalls: 0 };
  const handles = { TCPSocketWrap: 4 };
  return {
    calls,
    client: { ...both, handles, deadlines: 0, closing: 0, ...client },
    server: { ...both, handles, runningCalls: 0, bufferedBytes: 0, deadlines: 8, clientPorts: 9, ...server },
  };
}

test("nothing is left at a quiet point where every count has its owner", () => {
  assert.deepEqual(leftAt(pointOf(1000)), []);
});

const leftovers: readonly (readonly [QuietPoint, string])[] = [
  [pointOf(1, { openCalls: 1 }), "client: open calls: 1"],
  [pointOf(1, { queuedCalls: 2 }), "client: queued calls: 2"],
  [pointOf(1, { closing: 1 }), "client: channels that are not closed: 1"],
  [pointOf(1, { deadlines: 1 }), "client: deadlines without a connection: 1"],
  [pointOf(1, { connections: 3 }), "client: sockets without a connection: 1"],
  [pointOf(1, {}, { openCalls: 1 }), "server: open calls: 1"],
  [pointOf(1, {}, { runningCalls: 1 }), "server: calls that hold a slot: 1"],
  [pointOf(1, {}, { queuedCalls: 1 }), "server: queued calls: 1"],
  [pointOf(1, {}, { bufferedBytes: 5 }), "server: buffered bytes: 5"],
  [pointOf(1, {}, { deadlines: 9 }), "server: deadlines without a connection: 1"],
  [pointOf(1, {}, { handles: { TCPSocketWrap: 6 } }), "server: sockets without a connection: 2"],
];

for (const [point, left] of leftovers) {
  test(`a breach: ${left}`, () => {
    assert.deepEqual(leftAt(point), [left]);
    assert.deepEqual(judgeHoldings([pointOf(1), pointOf(1), point], []), [`after 1 calls, ${left}`]);
  });
}

test("growth is from the median of the middle third to that of the last, whatever the first did", () => {
  assert.equal(grownBytes([900, 1, 5, 10, 10, 500, 12, 11, 13]), 2);
  assert.equal(grownBytes([0, 0, 0, 10, 20, 30, 40, 50, 60]), 30);
});

test("a soak that was warm may grow by 1 MiB, a short one by 4 MiB, on either side", () => {
  assert.deepEqual([maxGrownBytes(10_000_000), maxGrownBytes(20_000)], [mebibyte, 4 * mebibyte]);
  for (const side of ["client", "server"] as const) {
    const grownTo = (bytes: number): string[] => {
      const grown = { bytes: 10 * mebibyte + bytes };
      const last = side === "client" ? pointOf(2_000_000, grown) : pointOf(2_000_000, {}, grown);
      return judgeHoldings([pointOf(1), pointOf(1_000_000), last], []);
    };
    assert.deepEqual(grownTo(mebibyte), []);
    assert.deepEqual(grownTo(mebibyte + 1), [`${side}: memory grew by ${mebibyte + 1} bytes`]);
  }
});

test("a soak without enough quiet points is no proof of flat memory", () => {
  assert.equal(judgeHoldings([pointOf(1), pointOf(2)], []).length, 2);
});

test("handles that are left when all is closed are a breach", () => {
  const before = { bytes: 0, cpuSeconds: 0, handles: { TTYWrap: 1 } };
  const after = { ...before, handles: { TTYWrap: 1, Timeout: 2 } };
  const points = [pointOf(1), pointOf(2), pointOf(3)];
  assert.deepEqual(judgeHoldings(points, [{ side: "client", before, after }]), [
    "client: 2 Timeout left when all is closed",
  ]);
  assert.deepEqual(judgeHoldings(points, [{ side: "client", before, after: before }]), []);
});
