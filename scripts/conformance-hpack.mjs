// Builds, then reads all HPACK stories with our decoder, and lets nghttp2 and Go read what our encoder makes of them:
// `npm run conformance:hpack`. Nothing is waived.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

function stop(message) {
  console.error(message);
  process.exit(1);
}

const folder = "build/hpack-stories";
const archive = "third_party/hpack-stories/all.tar.xz";
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const unpacked = spawnSync("tar", ["-xJf", archive, "-C", folder, "--strip-components", "1"], { encoding: "utf8" });
if (unpacked.status !== 0) {
  stop(`${archive} was not unpacked: ${unpacked.error?.message ?? unpacked.stderr}\napt-get install tar xz-utils`);
}
if (spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" }).status !== 0) process.exit(1);
const { judgeByGo } = await import("../build/tests/conformance/hpack/go-judge.js");
const { judgeByNghttp2 } = await import("../build/tests/conformance/hpack/nghttp2-judge.js");
const { decodeStory, encodeStory, wireBytes } = await import("../build/tests/conformance/hpack/ours.js");
const { readStories } = await import("../build/tests/conformance/hpack/stories.js");
const { findPeer } = await import("../build/tests/support/peer-programs.js");
const peer = findPeer("http2-judges");
if (!peer.ready) stop(`Go's HPACK is missing: ${peer.why}\nto bring it: ${peer.command}`);

/** All that http2jp/hpack-test-case has at the commit that third_party/hpack-stories/README.md names. */
const expected = { encoders: 14, stories: 446, blocks: 47_142 };
const maxRatio = 1.03;

const countBlocks = (stories) => stories.reduce((sum, { blocks }) => sum + blocks.length, 0);
let passed = true;

/** Prints the total, and what is wrong. */
function report(title, count, complaints) {
  console.log(`${title.padEnd(36)} ${count} blocks: ${count - complaints.length} exact, ${complaints.length} not`);
  for (const line of complaints.slice(0, 20)) console.log(`  ${line}`);
  passed &&= complaints.length === 0;
}

const stories = readStories(folder);
const encoders = [...new Set(stories.map(({ encoder }) => encoder))];
const found = { encoders: encoders.length, stories: stories.length, blocks: countBlocks(stories) };
if (JSON.stringify(found) !== JSON.stringify(expected)) stop(`not all stories are there: ${JSON.stringify(found)}`);

const complaints = new Map(encoders.map((encoder) => [encoder, []]));
for (const story of stories) complaints.get(story.encoder).push(...decodeStory(story));
for (const encoder of encoders) {
  const own = stories.filter((story) => story.encoder === encoder);
  report(`we read ${encoder}`, countBlocks(own), complaints.get(encoder));
}
report(`we read all ${found.stories} stories`, found.blocks, [...complaints.values()].flat());

const plain = stories.filter(({ encoder }) => encoder === "nghttp2");
const changing = stories.filter(({ encoder }) => encoder === "nghttp2-change-table-size");
report("nghttp2 reads us", countBlocks(plain), await judgeByNghttp2(plain));
const told = [...plain, ...changing].map(encodeStory);
report("Go reads us, tables that change too", countBlocks(told), judgeByGo(peer, told));

const [ours, theirs] = [wireBytes(plain.map(encodeStory)), wireBytes(plain)];
const percent = ((100 * ours) / theirs).toFixed(1);
console.log(`our blocks have ${ours} bytes, nghttp2's ${theirs} for the same ${plain.length} stories: ${percent} %`);
if (ours > theirs * maxRatio) passed = false;
if (!passed) process.exit(1);
