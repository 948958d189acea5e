// Tests of what a client's first bytes are taken for, whole, byte by byte and cut at every position.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PrefaceReader, type PrefaceVerdict } from "./client-preface.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** The bytes, what they are taken for, and how many of them that takes. */
const rows: readonly (readonly [text: string, verdict: PrefaceVerdict, count: number])[] = [
  [`${preface}\0\0\0\u0004`, "preface", preface.length],
  [preface.slice(0, -1), "more", preface.length - 1],
  ["GET / HTTP/1.1\r\n", "http1", 5],
  ["POST http://localhost/ HTTP/1.1\r\n", "http1", 6],
  ["OPTIONS * HTTP/1.1\r\n", "http1", 9],
  ["CONNECT localhost:80 HTTP/1.1\r\n", "http1", 9],
  ["PRI * HTTP/1.0\r\n", "http1", 12],
  ["PRI /", "http1", 5],
  ["PR", "more", 2],
  ["GET ", "more", 4],
  ["INVALID CONNECTION PREFACE\r\n\r\n", "foreign", 9],
  ["SSH-2.0-client\r\n", "foreign", 4],
  ["AMETHODOFSEVENTEEN / HTTP/1.1\r\n", "foreign", 17],
  ["\u0016\u0003\u0001\u0002\0", "foreign", 1],
  ["\0\0\0\u0004", "foreign", 1],
];

function read(pieces: readonly Uint8Array[]): readonly [PrefaceVerdict, number] {
  const reader = new PrefaceReader();
  let count = 0;
  for (const piece of pieces) count += reader.receive(piece, 0, piece.length);
  return [reader.verdict, count];
}

for (const [text, verdict, count] of rows) {
  test(`${JSON.stringify(text)} is ${verdict} after ${count} bytes`, () => {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    assert.deepEqual(read([bytes]), [verdict, count]);
    assert.deepEqual(read([...bytes].map((byte) => Uint8Array.of(byte))), [verdict, count]);
    for (let at = 1; at < bytes.length; at++) {
      assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), [verdict, count]);
    }
  });
}
