// Tests of the connector on a clock that only the test moves: an attempt, then pauses that grow and start anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Timer } from "../host/clock.ts";
import { SocketFault } from "../host/fault.ts";
import type { StreamSocket } from "../host/network.ts";
import { type BackoffOptions, Connector, defaultBackoff, type Opener } from "./connector.ts";

interface ManualTimer extends Timer {
  readonly task: () => void;
  readonly dueAt: number;
  readonly background: boolean;
}

/** A connector with everything around it in the test's hand. */
class Stage {
  nowMs = 0;
  wanted = true;
  random = 0.5;
  /** One line each: what was tried and told. */
  readonly log: string[] = [];
  readonly timers = new Set<ManualTimer>();
  readonly connector: Connector;
  #attempts: { resolve(socket: StreamSocket): void; reject(error: unknown): void; signal: AbortSignal }[] = [];

  constructor(backoff: Partial<BackoffOptions> = { jitter: 0 }) {
    const opener: Opener = (signal) => {
      this.log.push("try");
      return new Promise((resolve, reject) => this.#attempts.push({ resolve, reject, signal }));
    };
    this.connector = new Connector(opener, {
      host: {
        clock: { now: () => this.nowMs, wallNow: () => 0 },
        timers: {
          set: (task, delayMs, options) => {
            const timer = {
              kind: "timer",
              task,
              dueAt: this.nowMs + delayMs,
              background: options?.background === true,
            } as const;
            this.timers.add(timer);
            return timer;
          },
          clear: (timer) => void this.timers.delete(timer as ManualTimer),
        },
        random: { next: () => this.random },
      },
      backoff: { ...defaultBackoff, ...backoff },
      events: {
        onSocket: () => void this.log.push("socket"),
        onFailed: (fault) => void this.log.push(`failed: ${fault.message}`),
        wanted: () => this.wanted,
      },
    });
  }

  get signal(): AbortSignal {
    return (this.#attempts.at(-1) as { signal: AbortSignal }).signal;
  }

  async fail(message = "no", attempt = -1): Promise<void> {
    this.#attempts.at(attempt)?.reject(new SocketFault("refused", message));
    await Promise.resolve();
    await Promise.resolve();
  }

  async open(attempt = -1): Promise<{ resets: number }> {
    const seen = { resets: 0 };
    const socket = { reset: () => void seen.resets++ } as unknown as StreamSocket;
    this.#attempts.at(attempt)?.resolve(socket);
    await Promise.resolve();
    await Promise.resolve();
    return seen;
  }

  /** Moves the clock to the next timer and runs it. */
  ring(): void {
    const [timer] = this.timers;
    assert.ok(timer !== undefined && this.timers.size === 1, "one timer");
    this.timers.delete(timer);
    this.nowMs = timer.dueAt;
    timer.task();
  }
}

test("it begins when it is told to, once", () => {
  const stage = new Stage();
  assert.equal(stage.connector.state, "idle");
  stage.connector.start();
  stage.connector.start();
  assert.deepEqual(stage.log, ["try"]);
  assert.equal(stage.connector.state, "connecting");
});

test("a socket counts as a connection when that is said; the next start dials anew", async () => {
  const stage = new Stage();
  stage.connector.start();
  await stage.open();
  assert.equal(stage.connector.state, "connecting");
  stage.connector.succeeded();
  assert.equal(stage.connector.state, "idle");
  stage.connector.start();
  assert.deepEqual(stage.log, ["try", "socket", "try"]);
});

test("a socket that did not become a connection is a failed attempt; the next follows the pause", async () => {
  const stage = new Stage();
  stage.connector.start();
  await stage.open();
  stage.connector.failed(new SocketFault("other", "handshake"));
  assert.deepEqual(stage.log, ["try", "socket", "failed: handshake"]);
  assert.equal(stage.connector.state, "backoff");
  stage.ring();
  assert.equal(stage.log.at(-1), "try");
});

test("a connection that was lost may be replaced at once; one lost again and again as it is made, after growing pauses", async () => {
  const stage = new Stage({ initialMs: 100, maxMs: 300, multiplier: 2, jitter: 0 });
  const pauses: number[] = [];
  for (const livedMs of [20, 20, 20, 20, 5000, 20]) {
    stage.connector.start();
    const before = stage.nowMs;
    if (stage.connector.state === "backoff") stage.ring();
    pauses.push(stage.nowMs - before);
    await stage.open();
    stage.connector.succeeded();
    stage.nowMs += livedMs;
    stage.connector.lost({ readyAt: stage.nowMs - livedMs, isOrderly: false });
  }
  assert.deepEqual(pauses, [0, 0, 100, 200, 300, 0]);
  assert.equal(stage.connector.state, "idle");
});

test("a connection that a server parted with in order may be replaced at once, however short its life and however often", async () => {
  const stage = new Stage({ initialMs: 100, maxMs: 300, multiplier: 2, jitter: 0 });
  for (let round = 0; round < 6; round++) {
    stage.connector.start();
    assert.equal(stage.connector.state, "connecting");
    await stage.open();
    stage.connector.succeeded();
    stage.connector.lost({ readyAt: stage.nowMs++, isOrderly: true });
  }
});

test("connections that were there together and are lost together, or one after the other, are lost once", async () => {
  const stage = new Stage({ initialMs: 100, maxMs: 300, multiplier: 2, jitter: 0 });
  const open = async (): Promise<number> => {
    stage.connector.start();
    await stage.open();
    stage.connector.succeeded();
    return stage.nowMs++;
  };
  const all = [await open(), await open(), await open()];
  for (const readyAt of all) {
    stage.connector.lost({ readyAt, isOrderly: false });
    stage.nowMs++;
  }
  assert.equal(stage.connector.state, "idle");
  stage.connector.lost({ readyAt: await open(), isOrderly: false });
  assert.equal(stage.connector.state, "backoff", "the next one was made after that, and is lost too");
  stage.ring();
  assert.equal(stage.nowMs, 107);
});

test("a loss while the next attempt is under way brings the pause after that attempt", async () => {
  const stage = new Stage({ initialMs: 100, maxMs: 300, multiplier: 2, jitter: 0 });
  const states: string[] = [];
  for (let round = 0; round < 3; round++) {
    stage.connector.start();
    await stage.open();
    stage.connector.succeeded();
    states.push(stage.connector.state);
    const readyAt = stage.nowMs++;
    stage.connector.start();
    stage.connector.lost({ readyAt, isOrderly: false });
  }
  assert.deepEqual(states, ["idle", "idle", "backoff"]);
  const lostAt = stage.nowMs;
  stage.ring();
  assert.equal(stage.nowMs - lostAt, 200, "and the loss within the pause makes it longer");
});

test("an attempt that is no longer wanted is given up and counts as no failure", async () => {
  const stage = new Stage();
  stage.connector.start();
  const { signal } = stage;
  stage.connector.cancel();
  assert.equal(signal.aborted, true);
  assert.equal((await stage.open()).resets, 1);
  assert.equal(stage.connector.state, "idle");
  stage.connector.start();
  assert.deepEqual(stage.log, ["try", "try"]);
});

test("pauses grow to their maximum and begin anew after a success", async () => {
  const stage = new Stage({ initialMs: 100, maxMs: 300, multiplier: 2, jitter: 0 });
  const pauses: number[] = [];
  stage.connector.start();
  for (let round = 0; round < 4; round++) {
    const before = stage.nowMs;
    await stage.fail();
    stage.ring();
    pauses.push(stage.nowMs - before);
  }
  assert.deepEqual(pauses, [100, 200, 300, 300]);
  await stage.open();
  stage.connector.succeeded();
  stage.connector.start();
  await stage.fail();
  const startedAt = stage.nowMs;
  stage.ring();
  assert.equal(stage.nowMs - startedAt, 100);
});

test("jitter spreads the pause to both sides and no further", async () => {
  for (const [random, expected] of [
    [0, 80],
    [0.5, 100],
    [1, 120],
  ] as const) {
    const stage = new Stage({ initialMs: 100, jitter: 0.2 });
    stage.random = random;
    stage.connector.start();
    await stage.fail();
    stage.ring();
    assert.ok(Math.abs(stage.nowMs - expected) < 1e-9);
  }
});

test("the pause keeps the process alive only while somebody waits, and is not shortened by asking", async () => {
  const stage = new Stage();
  stage.wanted = false;
  stage.connector.start();
  await stage.fail();
  assert.deepEqual(
    [...stage.timers].map(({ background }) => background),
    [true],
  );
  stage.nowMs = 40;
  stage.wanted = true;
  stage.connector.start();
  assert.deepEqual(
    [...stage.timers].map(({ background, dueAt }) => [background, dueAt]),
    [[false, 100]],
  );
  assert.deepEqual(stage.log, ["try", "failed: no"]);
});

test("nobody waits when the pause ends: nothing is dialled until somebody does", async () => {
  const stage = new Stage();
  stage.wanted = false;
  stage.connector.start();
  await stage.fail();
  stage.ring();
  assert.equal(stage.connector.state, "idle");
  assert.equal(stage.log.filter((line) => line === "try").length, 1);
  stage.connector.start();
  assert.equal(stage.log.at(-1), "try");
});

test("closing gives up what is under way: its signal is aborted, a socket that comes late is reset, nothing is told", async () => {
  const stage = new Stage();
  stage.connector.start();
  const { signal } = stage;
  stage.connector.close();
  assert.equal(signal.aborted, true);
  const late = await stage.open();
  assert.equal(late.resets, 1);
  stage.connector.start();
  stage.connector.succeeded();
  assert.equal(stage.connector.state, "closed");
  assert.deepEqual(stage.log, ["try"]);
});

test("closing within the pause lets its timer go", async () => {
  const stage = new Stage();
  stage.connector.start();
  await stage.fail();
  stage.connector.close();
  assert.equal(stage.timers.size, 0);
  assert.equal(stage.connector.state, "closed");
});

test("an attempt that was given up for being late cannot disturb the next one, whichever way it ends", async () => {
  for (const lateEnd of ["fails", "opens"]) {
    const stage = new Stage();
    stage.connector.start();
    stage.connector.failed(new SocketFault("timed-out", "too slow"));
    stage.ring();
    assert.deepEqual(stage.log, ["try", "failed: too slow", "try"]);
    if (lateEnd === "fails") await stage.fail("late", 0);
    else assert.equal((await stage.open(0)).resets, 1);
    assert.equal(stage.log.length, 3);
    await stage.open(1);
    assert.equal(stage.log.at(-1), "socket");
  }
});

test("what is thrown that is no fault becomes one", async () => {
  const stage = new Stage();
  const opener: Opener = () => Promise.reject(new TypeError("odd"));
  const told: SocketFault[] = [];
  const connector = new Connector(opener, {
    host: {
      clock: { now: () => 0, wallNow: () => 0 },
      timers: { set: () => ({ kind: "timer" }), clear: () => {} },
      random: { next: () => 0.5 },
    },
    backoff: defaultBackoff,
    events: { onSocket: () => {}, onFailed: (fault) => void told.push(fault), wanted: () => false },
  });
  connector.start();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(stage.log.length, 0);
  assert.ok(told[0] instanceof SocketFault);
  assert.equal(told[0].message, "odd");
});
