// Tests of the real machine's compression: round trips, the limit, and damaged input.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { realCompression } from "./compression.ts";

for (const name of ["gzip", "deflate"]) {
  const compressor = realCompression.find(name);
  assert.ok(compressor !== undefined);

  test(`${name}: every size round-trips up to the limit and is refused above it`, () => {
    for (const size of [0, 1, 100, 70_000]) {
      const bytes = new Uint8Array(size).map((_, index) => index * 31);
      const compressed = compressor.compress(bytes);
      assert.deepEqual(compressor.decompress(compressed, size), bytes);
      if (size > 0) assert.throws(() => compressor.decompress(compressed, size - 1), { code: "too-large" });
    }
  });

  test(`${name}: a message that is cut or damaged is refused as corrupt`, () => {
    const compressed = compressor.compress(new Uint8Array(1000).fill(7));
    for (let length = 0; length < compressed.length; length++) {
      assert.throws(() => compressor.decompress(compressed.subarray(0, length), 1000), { code: "corrupt" });
    }
    const damaged = compressed.slice();
    damaged[0] = (damaged[0] as number) ^ 0xff;
    assert.throws(() => compressor.decompress(damaged, 1000), { code: "corrupt" });
  });
}

test("inflating stops at the limit: a bomb of 1 GiB is refused without holding it", () => {
  const mebibyte = gzipSync(new Uint8Array(1024 * 1024));
  const bomb = Buffer.concat(new Array(1024).fill(mebibyte));
  const before = process.memoryUsage().rss;
  assert.throws(() => realCompression.find("gzip")?.decompress(bomb, 1000), {
    code: "too-large",
  });
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});

test("an unknown compression is not found", () => {
  assert.equal(realCompression.find("snappy"), undefined);
  assert.deepEqual(realCompression.names, ["gzip", "deflate"]);
});
