import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatProgress, ProgressMeter } from "./progress.ts";

test("a meter counts bytes and tells the rate of about the last second", () => {
  const meter = new ProgressMeter(10_000, 500);
  assert.deepEqual(meter.count(100, 500), { bytes: 100, totalBytes: 10_000, bytesPerSecond: 0 });
  assert.deepEqual(meter.count(100, 600), { bytes: 200, totalBytes: 10_000, bytesPerSecond: 2000 });
  for (let now = 700; now <= 3000; now += 100) meter.count(100, now);
  assert.equal(meter.count(100, 3100).bytesPerSecond, 1000);
  // Nothing came for a while.
  assert.ok(meter.count(0, 9000).bytesPerSecond < 50);
});

test("bytes are written for people", () => {
  const rows: readonly (readonly [number, string])[] = [
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [999_940, "999.9 kB"],
    [999_960, "1.0 MB"],
    [8_400_000, "8.4 MB"],
    [3e15, "3000.0 TB"],
  ];
  for (const [bytes, text] of rows) assert.equal(formatBytes(bytes), text);
});

test("a bar fits into its columns, and gives up itself and the name before the figures", () => {
  const progress = { bytes: 4_200_000, totalBytes: 8_000_000, bytesPerSecond: 950_000 };
  const figures = " 52 %  4.2 MB of 8.0 MB  950.0 kB/s  0:04 left";
  assert.equal(formatProgress("photo.jpg", progress, 100), `photo.jpg  [===============>              ]  ${figures}`);
  assert.equal(formatProgress("photo.jpg", progress, 79), `photo.jpg  [=========>        ]  ${figures}`);
  assert.equal(formatProgress("photo.jpg", progress, 60), `photo.jpg  ${figures}`);
  assert.equal(formatProgress("a-long-name.jpg", progress, 58), `a-long-...  ${figures}`);
  assert.equal(formatProgress("photo.jpg", progress, 20), "52 %  4.2 MB of 8.0 ");
  for (let columns = 1; columns < 200; columns++) {
    assert.ok(formatProgress("some/path/of/a/photo.jpg", progress, columns).length <= columns, `${columns} columns`);
  }
});

test("a bar is full at the end, and knows files without bytes and streams without an end", () => {
  const all = { bytes: 8_000_000, totalBytes: 8_000_000, bytesPerSecond: 1_000_000 };
  assert.match(formatProgress("a", all, 100), /\[={30}\] {2}100 % {2}8\.0 MB of 8\.0 MB {2}1\.0 MB\/s {2}0:00 left$/);
  assert.match(formatProgress("a", { bytes: 0, totalBytes: 0, bytesPerSecond: 0 }, 100), /100 %/);
  const open = { bytes: 1500, totalBytes: undefined, bytesPerSecond: 300 };
  assert.equal(formatProgress("a", open, 100), "a  1.5 kB  300 bytes/s");
});
