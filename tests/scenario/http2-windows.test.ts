// HTTP/2: windows that grow with their readers, and that leave the connection room for all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { data, headers, requestFields, rstStream } from "../support/http2-frames.ts";
import { Script } from "../support/http2-script.ts";

const limits = {
  maxConcurrentStreams: 2,
  streamWindowBytes: 16_000,
  maxStreamWindowBytes: 64_000,
  connectionWindowBytes: 100_000,
};

/** Fills half of a stream's window, reads it, and gives the credit that came back to the stream. */
function readHalf(script: Script, index: number, windowBytes: number): number {
  const id = 1 + 2 * index;
  for (let left = windowBytes / 2; left > 0; left -= Math.min(left, 16_000)) {
    script.send(data(id, Math.min(left, 16_000)));
  }
  script.requests[index]?.exchange?.consumed(windowBytes / 2);
  return script.take().reduce((sum, frame) => sum + (frame.id === id ? (frame.increment ?? 0) : 0), 0);
}

test("a stream whose reader keeps pace has a window that doubles up to its maximum", () => {
  const script = Script.open("server", { limits }).send(headers(1, requestFields));
  script.take();
  assert.equal(readHalf(script, 0, 16_000), 8000 + 16_000);
  assert.equal(readHalf(script, 0, 32_000), 16_000 + 32_000);
  assert.equal(readHalf(script, 0, 64_000), 32_000, "the maximum is reached");
});

test("a stream whose reader lags keeps the window that it has", () => {
  const script = Script.open("server", { limits }).send(headers(1, requestFields), data(1, 16_000));
  script.take();
  script.requests[0]?.exchange?.consumed(8000);
  assert.deepEqual(
    script.take().map(({ id, increment }) => [id, increment]),
    [[1, 8000]],
  );
});

test("windows grow only as far as the connection has room for all streams, and give it back when they end", () => {
  const tight = { ...limits, connectionWindowBytes: 66_000 };
  const script = Script.open("server", { limits: tight }).send(headers(1, requestFields), headers(3, requestFields));
  script.take();
  // Of 66,000 bytes two windows of 16,000 are kept for streams to come.
  assert.equal(readHalf(script, 0, 16_000), 8000 + 16_000);
  assert.equal(readHalf(script, 1, 16_000), 8000 + 16_000);
  assert.equal(readHalf(script, 0, 32_000), 16_000 + 2000);
  assert.equal(readHalf(script, 1, 32_000), 16_000);
  script.send(rstStream(1, "CANCEL"));
  script.take();
  assert.equal(readHalf(script, 1, 32_000), 16_000 + 18_000, "what the first had is free again");
});
