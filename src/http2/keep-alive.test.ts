import assert from "node:assert/strict";
import { test } from "node:test";
import { KeepAlive } from "./keep-alive.ts";

const options = { intervalMs: 10_000, timeoutMs: 2000, withoutCalls: false };

test("a peer that is heard often enough is not asked, and the deadline moves only when it comes", () => {
  const keepAlive = new KeepAlive(options, 0);
  assert.equal(keepAlive.dueAt, 10_000);
  assert.equal(keepAlive.advance(9999, { heardAt: 0, openExchanges: 1 }), "nothing");
  assert.equal(keepAlive.dueAt, 10_000);
  assert.equal(keepAlive.advance(10_000, { heardAt: 7000, openExchanges: 1 }), "nothing");
  assert.equal(keepAlive.dueAt, 17_000);
});

test("a silent peer is asked, and given up when it stays silent", () => {
  const keepAlive = new KeepAlive(options, 0);
  assert.equal(keepAlive.advance(10_000, { heardAt: 0, openExchanges: 1 }), "ping");
  assert.equal(keepAlive.advance(11_999, { heardAt: 0, openExchanges: 1 }), "nothing");
  assert.equal(keepAlive.dueAt, 12_000);
  assert.equal(keepAlive.advance(12_000, { heardAt: 0, openExchanges: 1 }), "dead");
});

test("any bytes after the question count as an answer", () => {
  const keepAlive = new KeepAlive(options, 0);
  keepAlive.advance(10_000, { heardAt: 0, openExchanges: 1 });
  assert.equal(keepAlive.advance(12_000, { heardAt: 10_001, openExchanges: 1 }), "nothing");
  assert.equal(keepAlive.dueAt, 20_001);
  assert.equal(keepAlive.advance(20_001, { heardAt: 10_001, openExchanges: 1 }), "ping");
});

test("an answer in the instant of the question counts, as on a clock that stands still meanwhile", () => {
  const keepAlive = new KeepAlive(options, 0);
  keepAlive.advance(10_000, { heardAt: 0, openExchanges: 1 });
  assert.equal(keepAlive.advance(12_000, { heardAt: 10_000, openExchanges: 1 }), "nothing");
});

test("without calls nobody is asked, unless that is wanted", () => {
  const idle = { heardAt: 0, openExchanges: 0 };
  const keepAlive = new KeepAlive(options, 0);
  assert.equal(keepAlive.advance(10_000, idle), "nothing");
  assert.equal(keepAlive.dueAt, 20_000);
  assert.equal(keepAlive.advance(20_000, { heardAt: 0, openExchanges: 1 }), "ping");
  assert.equal(new KeepAlive({ ...options, withoutCalls: true }, 0).advance(10_000, idle), "ping");
});

test("a question about a call that has ended since is still waited for", () => {
  const keepAlive = new KeepAlive(options, 0);
  keepAlive.advance(10_000, { heardAt: 0, openExchanges: 1 });
  assert.equal(keepAlive.advance(12_000, { heardAt: 0, openExchanges: 0 }), "dead");
});

test("a driver that comes late reads what came meanwhile before it gives the peer up", () => {
  const keepAlive = new KeepAlive(options, 0);
  keepAlive.advance(10_000, { heardAt: 0, openExchanges: 1 });
  assert.equal(keepAlive.advance(15_000, { heardAt: 0, openExchanges: 1 }), "nothing");
  assert.equal(keepAlive.dueAt, 15_050);
  assert.equal(keepAlive.advance(15_050, { heardAt: 15_001, openExchanges: 1 }), "nothing");
  const dead = new KeepAlive(options, 0);
  dead.advance(10_000, { heardAt: 0, openExchanges: 1 });
  dead.advance(15_000, { heardAt: 0, openExchanges: 1 });
  assert.equal(dead.advance(15_050, { heardAt: 0, openExchanges: 1 }), "dead");
});
