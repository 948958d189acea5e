// Builds, then compares our descriptors of real .proto files with those of protoc and of buf: `npm run conformance:idl`. Thousands
// of files, some minutes: `npm test` compares some hundred of them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
if (spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" }).status !== 0) process.exit(1);
const { findPeer } = await import("../build/tests/support/peer-programs.js");
const { compareCorpus, compareWithBuf, fetchedCorpora, installedCorpora } = await import(
  "../build/tests/support/protoc/corpus.js"
);
const { Protoc } = await import("../build/tests/support/protoc/protoc.js");

const python = findPeer("python");
const corpus = findPeer("corpus");
const buf = findPeer("buf");
for (const { ready, title, why, command } of [python, corpus, buf]) {
  if (ready) continue;
  console.error(`${title} is missing: ${why}\nto bring it: ${command ?? "npm run peers"}`);
  process.exit(1);
}

let failures = 0;

/** Prints one line of totals, and below it the first things that are not as they should be. */
function tell(judge, { title }, { files, same, differences, refusedByUs, refusedByProtoc, refusedByBoth, tooNew }, ms) {
  const wrong = [
    ...differences.map(({ file, theirs, ours }) => `differs: ${file}\n  theirs: ${theirs}\n  ours: ${ours}`),
    ...refusedByUs.map((text) => `refused by us alone: ${text}`),
    ...refusedByProtoc.map((text) => `refused by ${judge} alone: ${text}`),
  ];
  failures += wrong.length;
  const counts = `${files} files, ${same} equal, ${wrong.length} wrong, ${refusedByBoth} refused by both, ${tooNew} too new`;
  console.log(`${judge.padEnd(7)}${title.padEnd(30)}${counts}, ${(ms / 1000).toFixed(1)} s`);
  for (const text of wrong.slice(0, 10)) console.log(`  ${text.slice(0, 600)}`);
}

console.log(`protoc of grpcio-tools ${python.version}; buf ${buf.version}; ${corpus.version}`);
const corpora = [...installedCorpora(), ...fetchedCorpora(corpus, 1)];
await Protoc.with(python, async (protoc) => {
  for (const one of corpora) {
    const startedAt = performance.now();
    tell("protoc", one, await compareCorpus(protoc, one), performance.now() - startedAt);
  }
});
for (const one of fetchedCorpora(corpus, 1)) {
  const startedAt = performance.now();
  tell("buf", one, compareWithBuf(buf, one), performance.now() - startedAt);
}
if (failures > 0) process.exit(1);
