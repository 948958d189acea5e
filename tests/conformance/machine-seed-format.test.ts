// The lecture's own marshalling of a call, made of length headers. It is not gRPC's format: gRPC names the procedure in the
// path of an HTTP/2 request and encodes the arguments as protobuf.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Writer } from "farcall/bytes";
import { lengthHeader } from "farcall/framing";

const text = lengthHeader({ header: "u8" });

/** The procedure's name, the count of its arguments, the arguments; each text behind its length. */
function encodeCall(procedure: string, args: readonly string[]): Uint8Array {
  const writer = new Writer();
  const encoder = new TextEncoder();
  text.encode(encoder.encode(procedure), writer);
  writer.writeBytes(new Uint8Array([args.length]));
  for (const arg of args) text.encode(encoder.encode(arg), writer);
  return writer.toBytes();
}

function decodeCall(bytes: Uint8Array): { procedure: string; args: string[] } {
  const texts: string[] = [];
  const decoder = new TextDecoder();
  const reader = text.createReader({
    onMessage: (from, start, end) => void texts.push(decoder.decode(from.subarray(start, end))),
  });
  let at = 0;
  while (texts.length === 0) assert.equal(reader.receive(bytes, at, ++at), undefined);
  const argCount = bytes[at++];
  assert.equal(reader.receive(bytes, at, bytes.length), undefined);
  assert.equal(reader.end(), undefined);
  const [procedure = "", ...args] = texts;
  assert.equal(args.length, argCount);
  return { procedure, args };
}

test('F5: MakeDirectory(path="/foo") in the seed\'s own format has exactly its bytes, and parses back', () => {
  const golden = "\x0dMakeDirectory\x01\x04/foo";
  assert.equal(Buffer.from(encodeCall("MakeDirectory", ["/foo"])).toString("latin1"), golden);
  assert.deepEqual(decodeCall(Buffer.from(golden, "latin1")), { procedure: "MakeDirectory", args: ["/foo"] });
});
