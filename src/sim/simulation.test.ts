// Tests of virtual time: when steps happen, how a simulation ends, and that a seed replays it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamSocket } from "../host/index.ts";
import { SimulationError } from "./scheduler.ts";
import { createSimulation } from "./simulation.ts";
import type { TraceEvent } from "./way.ts";

function isError(code: SimulationError["code"]) {
  return (error: unknown) => error instanceof SimulationError && error.code === code;
}

test("time passes only from event to event, and timers fire at their times in order", async () => {
  const simulation = createSimulation({ seed: 1, wallStartMs: 1000 });
  const { timers, clock } = simulation.machine("a");
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name} ${clock.now()}`);
  timers.set(note("day"), 86_400_000);
  timers.set(note("second"), 5);
  timers.set(note("first"), Number.NaN);
  timers.set(note("third"), 5);
  timers.set(note("never"), Number.POSITIVE_INFINITY);
  timers.clear(timers.set(note("cleared"), 1));
  await simulation.advance(5);
  assert.deepEqual(fired, ["first 0", "second 5", "third 5"]);
  await simulation.advance(86_399_994.5);
  assert.deepEqual([clock.now(), fired.length], [86_399_999.5, 3]);
  await simulation.runUntilIdle();
  assert.equal(fired[3], "day 86400000");
  assert.deepEqual([clock.now(), clock.wallNow()], [86_400_000, 86_401_000]);
});

test("a step ends with its promise reactions, then the end of the turn, before time goes on", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { timers, turn } = simulation.machine("a");
  const order: string[] = [];
  timers.set(() => {
    turn.atEnd(() => {
      order.push("end of turn");
      turn.atEnd(() => order.push("end of that"));
    });
    (async () => {
      for (let step = 0; step < 100; step++) await undefined;
      order.push("after a hundred awaits");
    })();
  }, 1);
  timers.set(() => order.push("next event"), 1);
  await simulation.runUntilIdle();
  assert.deepEqual(order, ["after a hundred awaits", "end of turn", "end of that", "next event"]);
});

test("run returns what its task does, and throws what it throws", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { timers, clock } = simulation.machine("a");
  const sleep = (ms: number) => new Promise<void>((resolve) => void timers.set(resolve, ms));
  const slept = await simulation.run(async () => {
    await sleep(1000);
    await sleep(2000);
    return clock.now();
  });
  assert.equal(slept, 3000);
  await assert.rejects(
    simulation.run(async () => {
      await sleep(1);
      throw new Error("of the task");
    }),
    /of the task/,
  );
});

test("a promise that nothing can settle is reported as stuck, one that takes too long as out of time", async () => {
  const simulation = createSimulation({ seed: 1 });
  await assert.rejects(simulation.run(new Promise(() => {})), isError("stuck"));
  const tick = (): void => void simulation.machine("a").timers.set(tick, 10);
  tick();
  await assert.rejects(simulation.run(new Promise(() => {}), { maxMs: 105 }), isError("out-of-time"));
  assert.equal(simulation.clock.now(), 105);
  await assert.rejects(simulation.runUntilIdle({ maxMs: 50 }), isError("out-of-time"));
});

test("background timers keep no simulation from being idle, but fire while it runs", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { timers } = simulation.machine("a");
  let beats = 0;
  const beat = (): void => {
    beats++;
    timers.set(beat, 10, { background: true });
  };
  timers.set(beat, 10, { background: true });
  await simulation.runUntilIdle();
  assert.equal(beats, 0);
  timers.set(() => {}, 35);
  await simulation.runUntilIdle();
  assert.equal(beats, 3);
});

test("a callback that throws ends the drive with its error, and the rest goes on in the next", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { timers, turn } = simulation.machine("a");
  const done: string[] = [];
  timers.set(() => {
    throw new Error("of a timer");
  }, 1);
  timers.set(() => {
    turn.atEnd(() => {
      throw new Error("of a turn");
    });
    turn.atEnd(() => done.push("end"));
  }, 2);
  await assert.rejects(simulation.advance(10), /of a timer/);
  await assert.rejects(simulation.advance(10), /of a turn/);
  await simulation.advance(10);
  assert.deepEqual(done, ["end"]);
});

test("two drivers at once are refused", async () => {
  const simulation = createSimulation({ seed: 1 });
  const first = simulation.advance(10);
  await assert.rejects(simulation.advance(10), isError("already-running"));
  await first;
});

test("a machine is made once by its name, and a name that cannot be a host's is refused", () => {
  const simulation = createSimulation({ seed: 1 });
  assert.equal(simulation.machine("a"), simulation.machine("a"));
  for (const name of ["", "A", "localhost", "10.0.0.1", "a b"]) {
    assert.throws(() => simulation.machine(name), /not a machine's name/, name);
  }
  assert.throws(() => simulation.network.cut("a", "missing"), /no machine is called "missing"/);
});

test("without help ambient values last as long as the function they were set for", () => {
  const { ambient } = createSimulation({ seed: 1 }).machine("a");
  ambient.run("outer", () => {
    ambient.run("inner", () => assert.equal(ambient.current(), "inner"));
    assert.equal(ambient.current(), "outer");
  });
  assert.equal(ambient.current(), undefined);
});

/** A lossy conversation of several machines, and everything the network did in it. */
async function traceOf(seed: number): Promise<TraceEvent[]> {
  const trace: TraceEvent[] = [];
  const simulation = createSimulation({ seed, onTrace: (event) => trace.push(event) });
  const { network } = simulation;
  const server = simulation.machine("server");
  network.setWay({ delayMs: { minMs: 1, maxMs: 30 }, maxPieceBytes: 100 });
  await simulation.run(async () => {
    const listener = await server.network.listen(
      { kind: "tcp", host: "server", port: 80 },
      {},
      {
        onFault: () => {},
        onConnection: (socket) =>
          socket.open({
            onBytes: (bytes, start, end) => void socket.write([bytes.slice(start, end)]),
            onWritable: () => {},
            onEnd: () => socket.end(),
            onClose: () => {},
          }),
      },
    );
    const talk = async (name: string): Promise<void> => {
      const machine = simulation.machine(name);
      const socket: StreamSocket = await machine.network.connect(listener.local, {});
      await new Promise<void>((resolve) => {
        socket.open({ onBytes: () => {}, onWritable: () => {}, onEnd: () => {}, onClose: () => resolve() });
        for (let round = 0; round < 5; round++) {
          machine.timers.set(() => void socket.write([new Uint8Array(machine.random.next() * 1000)]), round * 10);
        }
        machine.timers.set(() => socket.end(), 100);
      });
    };
    const talks = ["a", "b", "c"].map(talk);
    server.timers.set(() => network.cut("a", "server"), 50);
    server.timers.set(() => network.heal("a", "server"), 500);
    await Promise.all(talks);
  });
  return trace;
}

test("the same seed gives the same trace, another seed another", async () => {
  const first = await traceOf(1);
  assert.deepEqual(await traceOf(1), first);
  assert.notDeepEqual(await traceOf(2), first);
  assert.ok(first.length > 100, String(first.length));
  for (const kind of ["connect", "bytes", "end", "lost", "cut", "heal"]) {
    assert.ok(
      first.some((event) => event.kind === kind),
      kind,
    );
  }
});
