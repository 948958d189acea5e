// Tests of the pair of sockets over a wire that the test moves by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "./endpoint.ts";
import { createLink, type Wire } from "./link.ts";
import type { StreamSocket } from "./network.ts";

/** A wire whose tasks run when told to. */
class ManualWire implements Wire {
  readonly tasks: (() => void)[] = [];
  readonly resets: (() => void)[] = [];
  pieceBytes = Number.POSITIVE_INFINITY;

  carry(arrive: () => void): void {
    this.tasks.push(arrive);
  }

  carryOnce(arrive: () => void): void {
    this.resets.push(arrive);
  }

  soon(task: () => void): void {
    this.tasks.push(task);
  }

  nextPiece(): number {
    return this.pieceBytes;
  }

  run(): void {
    for (const task of this.tasks.splice(0)) task();
  }
}

const local: Endpoint = { kind: "memory", name: "a" };

function open(socket: StreamSocket): string[] {
  const heard: string[] = [];
  socket.open({
    onBytes: (bytes, start, end) => void heard.push(`bytes ${[...bytes.subarray(start, end)]}`),
    onWritable: () => void heard.push("writable"),
    onEnd: () => void heard.push("end"),
    onClose: (fault) => void heard.push(`close ${fault?.code ?? "clean"}`),
  });
  return heard;
}

function link(windowBytes: number): { wire: ManualWire; near: StreamSocket; far: StreamSocket; over: string[] } {
  const wire = new ManualWire();
  const over: string[] = [];
  const [near, far] = createLink(
    { local, wire, onOver: () => void over.push("near") },
    { local, wire, onOver: () => void over.push("far") },
    windowBytes,
  );
  return { wire, near, far, over };
}

test("parts are delivered without a copy and counted as taken when the peer has had them", () => {
  const { wire, near, far } = link(10);
  const part = new Uint8Array([1, 2, 3]);
  let isSame = false;
  far.open({
    onBytes: (bytes) => {
      isSame = bytes === part;
      assert.equal(near.taken(), 0);
    },
    onWritable: () => {},
    onEnd: () => {},
    onClose: () => {},
  });
  assert.equal(near.write([part]), true);
  assert.deepEqual([near.passed(), near.taken()], [3, 0]);
  wire.run();
  assert.deepEqual([near.passed(), near.taken(), isSame], [3, 3, true]);
});

test("the window closes at its size, and onWritable comes once when it is open again", () => {
  const { wire, near, far } = link(4);
  const told = open(near);
  const heard = open(far);
  wire.pieceBytes = 2;
  assert.equal(near.write([new Uint8Array([1, 2, 3])]), true);
  assert.equal(near.write([new Uint8Array([4])]), false);
  assert.equal(near.write([new Uint8Array([5])]), false);
  wire.run();
  assert.deepEqual([heard, told], [["bytes 1,2", "bytes 3", "bytes 4", "bytes 5"], []]);
  wire.run();
  assert.deepEqual(told, ["writable"]);
});

test("neither end closes before what it wrote was read, for until then its parts are lent", () => {
  const { wire, near, far, over } = link(10);
  const told = open(near);
  const heard = open(far);
  far.setReading(false);
  near.write([new Uint8Array([1])]);
  near.end();
  far.end();
  for (let turn = 0; turn < 5; turn++) wire.run();
  assert.deepEqual([told, heard, over], [["end"], [], []]);
  far.setReading(true);
  for (let turn = 0; turn < 5; turn++) wire.run();
  assert.deepEqual(heard, ["bytes 1", "end", "close clean"]);
  assert.deepEqual(
    [told, over.sort()],
    [
      ["end", "close clean"],
      ["far", "near"],
    ],
  );
});

test("a reset drops what is under way; when it gets lost the peer learns by writing", () => {
  const { wire, near, far } = link(10);
  const told = open(near);
  const heard = open(far);
  near.write([new Uint8Array([1])]);
  near.reset();
  wire.run();
  assert.deepEqual([told, heard, near.taken()], [["close clean"], [], 0]);
  wire.resets.length = 0;
  far.write([new Uint8Array([2])]);
  wire.run();
  for (const reset of wire.resets.splice(0)) reset();
  wire.run();
  assert.deepEqual([told, heard], [["close clean"], ["close reset"]]);
});

test("a callback may write, end, stop reading or reset in the midst of a delivery", () => {
  const { wire, near, far } = link(100);
  const told = open(near);
  const heard: string[] = [];
  far.open({
    onBytes: (bytes, start) => {
      heard.push(`bytes ${bytes[start]}`);
      if (bytes[start] === 1) far.write([new Uint8Array([11])]);
      if (bytes[start] === 2) far.setReading(false);
      if (bytes[start] === 3) far.reset();
    },
    onWritable: () => {},
    onEnd: () => void heard.push("end"),
    onClose: () => void heard.push("close"),
  });
  near.write([1, 2, 3, 4].map((byte) => new Uint8Array([byte])));
  near.end();
  for (let turn = 0; turn < 3; turn++) wire.run();
  assert.deepEqual([heard, told], [["bytes 1", "bytes 2"], ["bytes 11"]]);
  far.setReading(true);
  for (let turn = 0; turn < 3; turn++) wire.run();
  assert.deepEqual(heard, ["bytes 1", "bytes 2", "bytes 3", "close"]);
  for (const reset of wire.resets.splice(0)) reset();
  wire.run();
  assert.deepEqual(told, ["bytes 11", "close reset"]);
});
