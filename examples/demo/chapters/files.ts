// Example, demo: a file of some size goes to the server's disk and comes back.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dial } from "farcall";
import { Files } from "../../directories/gen/files.ts";
import { partialFolderName } from "../../directories/names.ts";
import { formatBytes, type Progress } from "../../directories/progress.ts";
import { download, upload } from "../../directories/transfers.ts";
import { check, formatMs } from "../stage.ts";
import { timed, type World } from "../world.ts";

const path = "beach.raw";
const sizeBytes = 8_000_000;
const pieceBytes = 250_000;

export async function showFiles({ stage, tcp, root }: World): Promise<void> {
  stage.chapter("A file goes up, and comes down again");
  const channel = dial(tcp);
  const files = channel.stub(Files);
  const bytes = seededBytes(sizeBytes);
  const hash = sha256(bytes);
  const told: Progress[] = [];
  const onProgress = (progress: Progress): void => void told.push(progress);

  const sent = await timed(() => upload(files, cut(bytes), { to: { path, size: sizeBytes }, onProgress }));
  const written = Buffer.from(sent.result.sha256).toString("hex");
  const fetched = await timed(async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await download(files, { path }, { onProgress })).data) pieces.push(piece);
    return pieces;
  });
  await channel.close();
  const back = sha256(Buffer.concat(fetched.result));

  const row = (what: string, ms: number, how: string): string[] => {
    return [what, formatBytes(sizeBytes), formatMs(ms), `${formatBytes((sizeBytes / ms) * 1000)}/s`, how];
  };
  stage.rows([
    row("upload", sent.ms, "till it is safe on the disk"),
    row("download", fetched.ms, `${fetched.result.length} messages, cut by the server`),
  ]);
  const digests = [
    ["sha256 of what was sent", hash],
    ["of what the server wrote", written],
    ["of what came back", back],
  ] as const;
  stage.facts(digests.map(([of, digest]) => [of, `${digest.slice(0, 32)}...`]));
  check(
    digests.every(([, digest]) => digest === hash),
    "the file has one sha256 here, there and back here",
  );
  check(sha256(readFileSync(join(root, path))) === hash, "the file on the server's disk is the one that was sent");
  check(readdirSync(join(root, partialFolderName)).length === 0, "nothing is left of the writing");
  const [, last] = told.filter(({ bytes }) => bytes === sizeBytes);
  check(last !== undefined, "both ways told their progress to the last byte");
  stage.say(
    `While it went, ${told.length} reports of progress came. A stream that is cut leaves no half file: what is written lies ` +
      "aside until all of it is on the disk.",
  );
}

function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The same bytes in every run, that look like chance. */
function seededBytes(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let state = 2026;
  for (let at = 0; at < words.length; at++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer);
}
