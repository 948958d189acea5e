import assert from "node:assert/strict";
import { test } from "node:test";
import { callDefaultsOf } from "./rpc-options.ts";

const ms = (value: unknown) => ({ default_timeout_ms: value }) as never;
const methodOf = (value: unknown) => ({ "(farcall.rpc.method)": value }) as never;
const serviceOf = (value: unknown) => ({ "(farcall.rpc.service)": value }) as never;

test("a method's own word wins, its service's is the default", () => {
  const shared = serviceOf({ default_timeout_ms: 2000, idempotency_level: { identifier: "IDEMPOTENT" } });
  assert.deepEqual(callDefaultsOf({}, {}), { defaultTimeoutMs: undefined, idempotency: "unknown" });
  assert.deepEqual(callDefaultsOf({}, shared), { defaultTimeoutMs: 2000, idempotency: "idempotent" });
  const own = { ...(methodOf(ms(1)) as object), idempotency_level: { identifier: "IDEMPOTENCY_UNKNOWN" } };
  assert.deepEqual(callDefaultsOf(own, shared), { defaultTimeoutMs: 1, idempotency: "unknown" });
});

test("what no contract may say, as a peer's may, counts as not said", () => {
  const nonsense = [0, -1, 1.5, 86_400_001, 0xffff_ffff, Number.NaN, Number.POSITIVE_INFINITY, "500", 500n, [500], {}];
  for (const value of nonsense) {
    assert.equal(callDefaultsOf(methodOf(ms(value)), {}).defaultTimeoutMs, undefined, String(value));
    assert.equal(callDefaultsOf(methodOf(ms(value)), serviceOf(ms(7))).defaultTimeoutMs, 7, String(value));
    assert.equal(callDefaultsOf({}, serviceOf(ms(value))).defaultTimeoutMs, undefined, String(value));
  }
  for (const value of [null, 5, "a", [], Uint8Array.of(1), true]) {
    assert.equal(callDefaultsOf(methodOf(value), serviceOf(value)).defaultTimeoutMs, undefined, String(value));
  }
  for (const level of [7, "IDEMPOTENT", { identifier: "MAYBE" }, {}, []]) {
    assert.equal(callDefaultsOf({ idempotency_level: level } as never, {}).idempotency, "unknown");
  }
});
