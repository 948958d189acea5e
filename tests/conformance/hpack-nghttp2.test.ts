// HPACK against nghttp2, which is in Node: its decoder reads our blocks and ours reads its, in both roles, while both sides
// change their table sizes.
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { type TestContext, test } from "node:test";
import { HpackEncoder, type HpackIndexing } from "farcall/http2";
import fc from "fast-check";
import { ping, settings } from "../support/http2-frames.ts";
import { RawPeer } from "../support/http2-raw.ts";

type Field = readonly [name: string, value: string, indexing: HpackIndexing];

const rounds = 150;
const tableSizes = [4096, 0, 200, 65_536, 100, 4096, 1000];

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).concat(
  "\u00e9",
  "\u00ff",
  "\u0080",
);
const value = fc.oneof(
  fc.constantFrom("gzip", "application/grpc", "trailers", "", "0", "a value of some length, repeated often"),
  fc.string({ unit: fc.constantFrom(...printable), maxLength: 60 }).map((text) => text.trim()),
  fc.integer({ min: 100, max: 3000 }).map((length) => "x".repeat(length)),
);
const name = fc.constantFrom(
  "accept-encoding",
  "user-agent",
  "grpc-timeout",
  "x-a",
  "x-b",
  "x-c",
  "x-longer-name",
  "vary",
);
const indexing = fc.constantFrom<HpackIndexing>("index", "index", "literal", "never");
const field = fc.tuple(name, value, indexing);

/** The same lists of fields in every run. */
function sampleLists(seed: number): Field[][] {
  return fc.sample(fc.array(field, { maxLength: 8 }), { seed, numRuns: rounds });
}

/** Names once each, as Node's header objects are; null-prototype as they are too. */
function toObject(fields: readonly Field[]): Record<string, string> {
  return Object.assign(Object.create(null), Object.fromEntries(fields.map(([key, text]) => [key, text])));
}

function toPairs(flat: readonly unknown[]): unknown[][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]]);
}

const pairsOf = (fields: readonly (readonly [string, string, ...unknown[]])[]) =>
  fields.map(([key, text]) => [key, text]);

test("nghttp2 as a server reads our requests, and we its responses", async (context: TestContext) => {
  const lists = sampleLists(1);
  const answers = sampleLists(2).map(toObject);
  const seen: unknown[][][] = [];
  const server = http2.createServer({ settings: { headerTableSize: 4096 } });
  server.on("stream", (...event: unknown[]) => {
    const [stream, , , rawHeaders] = event as [http2.ServerHttp2Stream, unknown, unknown, unknown[]];
    seen.push(toPairs(rawHeaders));
    stream.respond({ ":status": 200, ...answers[seen.length - 1] }, { endStream: true, sendDate: false } as object);
  });
  const sessions: http2.ServerHttp2Session[] = [];
  server.on("session", (session) => sessions.push(session));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as { readonly port: number };
  const peer = await RawPeer.dial(port, new HpackEncoder());
  context.after(() => peer.close());
  peer.send(settings());

  const sent: Field[][] = [];
  for (const [round, list] of lists.entries()) {
    if (round % 20 === 10) await changeTables(peer, sessions[0] as http2.Http2Session, round / 10);
    const request: Field[] = [
      [":method", "GET", "index"],
      [":scheme", "http", "index"],
      [":path", `/${round % 7}`, "index"],
      [":authority", "localhost", "index"],
      ...list,
    ];
    sent.push(request);
    peer.sendFields(2 * round + 1, request);
    const answer = await peer.next(({ type, id }) => type === "HEADERS" && id === 2 * round + 1);
    assert.deepEqual(answer.fields, [[":status", "200"], ...Object.entries(answers[round] ?? {})], `round ${round}`);
  }
  assert.deepEqual(seen, sent.map(pairsOf));
});

test("nghttp2 as a client reads our responses, and we its requests", async (context: TestContext) => {
  const lists = sampleLists(3).map(toObject);
  const answers = sampleLists(4);
  const { port, peer: coming } = await RawPeer.listen(new HpackEncoder());
  const session = http2.connect(`http://127.0.0.1:${port}`);
  context.after(() => session.destroy());
  const peer = await coming;
  context.after(() => peer.close());
  peer.send(settings([3, 1000]));

  for (const [round, list] of lists.entries()) {
    if (round % 20 === 10) await changeTables(peer, session, round / 10);
    const path = `/${round % 7}`;
    const stream = session.request({ ":method": "GET", ":path": path, ...list }, { endStream: true });
    const asked = await peer.next(({ type }) => type === "HEADERS");
    const expected = { ":method": "GET", ":path": path, ":authority": `127.0.0.1:${port}`, ":scheme": "http", ...list };
    assert.deepEqual(Object.fromEntries(asked.fields ?? []), expected, `round ${round}`);
    const response: Field[] = [[":status", "200", "index"], ...(answers[round] ?? [])];
    const answered = once(stream, "response");
    peer.sendFields(asked.id, response);
    const [, , rawHeaders] = (await answered) as [unknown, unknown, unknown[]];
    assert.deepEqual(toPairs(rawHeaders), pairsOf(response), `round ${round}`);
    stream.close();
  }
});

/** Both sides change the size of their tables; waits until each has seen the other's. */
async function changeTables(peer: RawPeer, session: http2.Http2Session, count: number): Promise<void> {
  const size = tableSizes[count % tableSizes.length] as number;
  peer.parser.announceTableBytes(size);
  peer.send(settings([1, size]));
  await peer.next(({ type, entries }) => type === "SETTINGS" && entries === undefined);
  await new Promise<void>((resolve) => {
    session.settings({ headerTableSize: tableSizes[(count + 3) % tableSizes.length] as number }, () => resolve());
  });
  peer.send(ping("in order"));
  await peer.next(({ type }) => type === "PING");
}
