// Tests of telling foreign protocols from ours by a server's first bytes, whole, byte by byte and cut at every position.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ForeignDetector } from "./foreign.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

const rows: readonly (readonly [what: string, bytes: Uint8Array, reason: RegExp | undefined])[] = [
  ["an empty SETTINGS frame", Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0), undefined],
  ["a SETTINGS frame of six bytes", Uint8Array.of(0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 9), undefined],
  ["HTTP/1.1", ascii("HTTP/1.1 400 Bad Request\r\n\r\n"), /answers in HTTP\/1\.1: "HTTP\/1\.1/],
  ["HTTP/1.0", ascii("HTTP/1.0 200 OK\r\n"), /answers in HTTP\/1\.1: "HTTP\/1\.0/],
  ["SSH", ascii("SSH-2.0-OpenSSH_9.6\r\n"), /another protocol than HTTP\/2: "SSH-2\.0/],
  ["a TLS alert", Uint8Array.of(0x15, 3, 1, 0, 2, 2, 0x46), /TLS/],
  ["a TLS hello", Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc), /TLS/],
  ["a PING frame", Uint8Array.of(0, 0, 8, 6, 0, 0, 0, 0, 0), /another protocol/],
  ["bytes above 127", new Uint8Array(20).fill(0xff), /another protocol/],
];

/** What the detector says of pieces, up to its first answer that is not `more`, and the last bytes it saw. */
function look(pieces: readonly Uint8Array[]): string | undefined {
  const detector = new ForeignDetector();
  for (const piece of pieces) {
    const verdict = detector.look(piece, 0, piece.length);
    if (typeof verdict === "object") return verdict.reason;
  }
  return undefined;
}

for (const [what, bytes, reason] of rows) {
  test(`${what} is known whole, byte by byte and cut at every position`, () => {
    const cuts = [[bytes], [...bytes].map((byte) => Uint8Array.of(byte))];
    for (let at = 1; at < bytes.length; at++) cuts.push([bytes.subarray(0, at), bytes.subarray(at)]);
    for (const pieces of cuts) {
      const told = look(pieces);
      if (reason === undefined) assert.equal(told, undefined);
      else assert.match(String(told), reason);
    }
  });
}

test("only the beginning of the first line is quoted, and nothing that a terminal would obey", () => {
  const told = String(look([ascii(`220 \x1b[31mmail${"x".repeat(100)}\r\nsecond line`)]));
  assert.ok(told.length < 120);
  assert.ok(!told.includes("\x1b") && !told.includes("second"));
});
