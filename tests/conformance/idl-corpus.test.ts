// Descriptors of real files against protoc's: those of npm packages, and some hundred of what `npm run peers -- corpus` brings.
// `npm run conformance:idl` compares all of them, and with buf too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { type Corpus, compareCorpus, fetchedCorpora, installedCorpora } from "../support/protoc/corpus.ts";
import { Protoc } from "../support/protoc/protoc.ts";

const python = findPeer("python");
const corpus = findPeer("corpus");

/** The number of files whose descriptors are equal; any that are not, or that one of the two refuses, are a failure. */
async function assertAllSame(corpora: readonly Corpus[]): Promise<number> {
  return await Protoc.with(python, async (protoc) => {
    let sum = 0;
    for (const one of corpora) {
      const { same, differences, refusedByUs, refusedByProtoc } = await compareCorpus(protoc, one);
      const none = { differences: [], refusedByUs: [], refusedByProtoc: [] };
      assert.deepEqual({ differences, refusedByUs, refusedByProtoc }, none, one.title);
      sum += same;
    }
    return sum;
  });
}

test("files of npm packages have protoc's descriptors", async (t) => {
  if (!needsPeer(python, t)) return;
  const same = await assertAllSame(installedCorpora());
  assert.ok(same >= 50, `only ${same} files were compared`);
});

test("some hundred of Google's public files have protoc's descriptors", async (t) => {
  if (!needsPeer(python, t) || !needsPeer(corpus, t)) return;
  const same = await assertAllSame(fetchedCorpora(corpus, 60));
  assert.ok(same >= 300, `only ${same} files were compared`);
});
