// HPACK on the stories that lie in the tree: our decoder on 14 encoders' blocks, our encoder before two other decoders, and
// its blocks' size beside nghttp2's. `npm run conformance:hpack` does it with all stories there are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { judgeByGo } from "./hpack/go-judge.ts";
import { judgeByNghttp2 } from "./hpack/nghttp2-judge.ts";
import { decodeStory, encodeStory, wireBytes } from "./hpack/ours.ts";
import { readStories, type Story, storiesInTree } from "./hpack/stories.ts";

const stories = readStories(storiesInTree);
const plain = stories.filter(({ encoder }) => encoder === "nghttp2");
const changing = stories.filter(({ encoder }) => encoder === "nghttp2-change-table-size");

test("there are stories of 14 encoders, and one whose table changes its size", () => {
  assert.equal(new Set(stories.map(({ encoder }) => encoder)).size, 14);
  assert.ok(plain.length > 0);
  assert.ok(changing.some(({ blocks }) => new Set(blocks.map(({ maxTableBytes }) => maxTableBytes)).size > 1));
});

for (const story of stories) {
  test(`the decoder reads ${story.name}`, () => {
    assert.deepEqual(decodeStory(story), []);
  });
}

test("our decoder reads what our encoder makes of them, also while the table changes its size", () => {
  assert.deepEqual(stories.map(encodeStory).flatMap(decodeStory), []);
});

test("our blocks are no more than 3 % larger than nghttp2's", () => {
  for (const story of plain) {
    const [ours, theirs] = [wireBytes([encodeStory(story)]), wireBytes([story])];
    assert.ok(ours <= theirs * 1.03, `${story.name}: ${ours} bytes against ${theirs}`);
  }
});

test("Go reads our blocks, also while the table changes its size", (t) => {
  const peer = findPeer("http2-judges");
  if (needsPeer(peer, t)) assert.deepEqual(judgeByGo(peer, [...plain, ...changing].map(encodeStory)), []);
});

test("nghttp2 reads our blocks", async () => {
  assert.deepEqual(await judgeByNghttp2(plain), []);
});

test("judges and decoder complain of blocks that say something else", async (t) => {
  const [story] = plain;
  assert.ok(story);
  const spoilt: Story = {
    ...story,
    blocks: story.blocks.map((block, index) => ({
      ...block,
      wire: index === 1 ? Buffer.concat([block.wire, Buffer.of(0x82)]) : block.wire,
    })),
  };
  assert.deepEqual(decodeStory(spoilt), [`${story.name}, block 1: other fields than were meant`]);
  const peer = findPeer("http2-judges");
  if (!needsPeer(peer, t)) return;
  assert.deepEqual(judgeByGo(peer, [spoilt]), [`${story.name}, block 1: Go reads other fields than were meant`]);
});
