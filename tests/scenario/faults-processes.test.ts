// Servers in processes of their own that stop, die and come back under a client that lives on: every call ends by its
// deadline, none is lost that was never sent, and no word is wrong.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CallError, dial } from "farcall";
import { ChildServer } from "../support/rpc-child.ts";
import { failureOf, Probe, until, watchProcess } from "../support/rpc-probe.ts";

after(() => ChildServer.killAll());

test("a stopped server (SIGSTOP) fails calls by their deadline; when it goes on, so do calls", async () => {
  const child = await ChildServer.start();
  const channel = dial(child.address);
  const stub = channel.stub(Probe);
  await stub.run({ tag: "warm" });
  child.signal("SIGSTOP");
  const startedAt = performance.now();
  const errors = await Promise.all(
    Array.from({ length: 20 }, (_, index) => failureOf(stub.run({ tag: `stopped-${index}` }, { timeoutMs: 150 }))),
  );
  assert.ok(performance.now() - startedAt < 1000);
  for (const error of errors) {
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    assert.equal(error.phase, "sent");
    assert.equal(error.execution, "unknown");
  }
  child.signal("SIGCONT");
  assert.equal((await stub.run({ tag: "goes on" })).tag, "goes on");
  await channel.close();
  await child.kill();
});

test("a server that was stopped before it was ever reached: calls that were never sent never run", async () => {
  const child = await ChildServer.start();
  child.signal("SIGSTOP");
  const channel = dial(child.address);
  const stub = channel.stub(Probe);
  const errors = await Promise.all(
    Array.from({ length: 5 }, (_, index) => failureOf(stub.run({ tag: `early-${index}` }, { timeoutMs: 150 }))),
  );
  for (const error of errors) {
    assert.equal(error.phase, "connecting");
    assert.equal(error.execution, "not-executed");
  }
  child.signal("SIGCONT");
  await stub.run({ tag: "later" });
  // What the handler says takes another way than its reply.
  await until(() => child.started.includes("later"), "the server's word of the call arrives");
  assert.deepEqual(child.started, ["later"]);
  await channel.close();
  await child.kill();
});

test("a server that is killed (SIGKILL) with calls under way: unknown, at once; after its restart the channel goes on", async () => {
  const child = await ChildServer.start();
  const channel = dial(child.address, { backoff: { initialMs: 20, maxMs: 50 } });
  const stub = channel.stub(Probe);
  await stub.run({ tag: "warm" });
  const slow = failureOf(stub.run({ tag: "slow" }));
  await until(() => child.started.includes("slow"), "the handler starts");
  const killedAt = performance.now();
  await child.kill();
  const error = await slow;
  assert.ok(performance.now() - killedAt < 1000, "the closed connection says so, not the deadline");
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "unknown");
  // The channel was ready once: a call waits for the server to come back.
  const waiting = stub.run({ tag: "waited" });
  const again = await ChildServer.start(child.address);
  assert.equal((await waiting).tag, "waited");
  await until(() => again.started.includes("waited"), "the new server says that it ran the call");
  await channel.close();
  await again.kill();
});

test("a server restarted again and again under load: every call ends, none hangs, no word is wrong", async () => {
  const watch = watchProcess();
  let child = await ChildServer.start();
  const { address } = child;
  const started: string[] = [];
  const channel = dial(address, { backoff: { initialMs: 10, maxMs: 40 } });
  const stub = channel.stub(Probe);
  const endings = new Map<string, { word: string; ok: boolean }>();
  let stopped = false;
  let count = 0;
  const load = Array.from({ length: 8 }, async () => {
    while (!stopped) {
      const tag = `${count++}`;
      const timeoutMs = 1500;
      const startedAt = performance.now();
      await stub.run({ tag }, { timeoutMs }).then(
        () => endings.set(tag, { word: "executed", ok: true }),
        (error: unknown) => {
          if (!(error instanceof CallError)) throw error;
          endings.set(tag, { word: error.execution, ok: false });
        },
      );
      assert.ok(performance.now() - startedAt < timeoutMs + 500, "no call outlives its deadline");
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  for (let round = 0; round < 3; round++) {
    const before = count;
    await until(() => count > before + 300, "calls are made");
    await child.kill();
    started.push(...child.started);
    child = await ChildServer.start(address);
  }
  const before = count;
  await until(() => count > before + 300, "calls are made");
  stopped = true;
  await Promise.all(load);
  await channel.close();
  await child.kill();
  started.push(...child.started);
  assert.equal(endings.size, count, "every call has ended");
  const runs = new Map<string, number>();
  for (const tag of started) runs.set(tag, (runs.get(tag) ?? 0) + 1);
  for (const [tag, { word, ok }] of endings) {
    const ran = runs.get(tag) ?? 0;
    if (ok) assert.equal(ran, 1, `${tag} ran ${ran} times`);
    if (word === "not-executed") assert.equal(ran, 0, `${tag} was called not executed`);
    assert.ok(ran <= 1);
  }
  assert.ok([...endings.values()].filter(({ ok }) => ok).length > 1000);
  await watch.check();
});

test("a connection that the server drops while it is idle is replaced before the next call fails", async () => {
  const watch = watchProcess();
  let child = await ChildServer.start();
  const { address } = child;
  const channel = dial(address, { backoff: { initialMs: 10 } });
  const stub = channel.stub(Probe);
  for (let round = 0; round < 4; round++) {
    assert.equal((await stub.run({ tag: "a" })).tag, "a");
    await child.kill();
    await until(() => channel.snapshot().connections.length === 0, "the client notices");
    child = await ChildServer.start(address);
  }
  await channel.close();
  await child.kill();
  await watch.check();
});
