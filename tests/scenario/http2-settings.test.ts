// HTTP/2: settings of both sides, and the header tables that follow them (RFC 9113 sections 4.3 and 6.5, RFC 7541 section 4.2).
import assert from "node:assert/strict";
import { test } from "node:test";
import { Writer } from "farcall/bytes";
import { FieldTemplate } from "farcall/http";
import { defaultIndexing, HpackEncoder } from "farcall/http2";
import {
  endHeaders,
  type FieldList,
  frame,
  headers,
  ping,
  preface,
  requestFields,
  responseFields,
  settings,
  settingsAck,
} from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten([...requestFields, ["user-agent", "farcall/0"], ["x-indexed", "a value"]]));
const headerTableSize = 1;

/** HEADERS from a peer that compresses. */
function compressed(encoder: HpackEncoder, id: number, fields: FieldList): Buffer {
  const writer = new Writer();
  encoder.beginBlock(writer);
  for (const [name, value] of fields) encoder.encodeField(writer, name, value, defaultIndexing(name, value));
  return frame({ type: "HEADERS", flags: endHeaders | 1, id, payload: writer.toBytes() });
}

test("a connection begins with its settings, and each of the peer's is acknowledged before what follows from it", () => {
  const script = Script.create("client");
  const [first, credit] = script.take();
  assert.equal(first?.type, "SETTINGS");
  const said = new Map(first?.entries);
  assert.equal(said.get(2), 0, "no push");
  assert.equal(said.get(6), 16 * 1024, "the header list size");
  assert.equal(said.get(4), 65_535, "the window of a stream");
  assert.equal(credit?.type === "WINDOW_UPDATE" && (credit.increment ?? 0) + 65_535, 16 * 1024 * 1024);
  script.send(settings([headerTableSize, 0]), ping("and next"), settings());
  assert.deepEqual(script.lines(), ["SETTINGS ack", "PING and next ack", "SETTINGS ack"]);
  const server = Script.create("server").send(preface, settings());
  const [own] = server.take();
  assert.equal(new Map(own?.entries).get(3), 100, "how many streams at once");
});

test("settings of ours that differ from the protocol's are said", () => {
  const script = Script.create("server", { limits: { decoderTableBytes: 512, maxFrameBytes: 20_000 } });
  const said = new Map(script.send(preface, settings()).take()[0]?.entries);
  assert.equal(said.get(headerTableSize), 512);
  assert.equal(said.get(5), 20_000);
  script.send(headers(1, requestFields), frame({ type: 0xfa, payload: Buffer.alloc(20_000) }));
  assert.equal(script.machine.isClosed, false);
});

test("a peer that says it is Farcall is known, and another is not", () => {
  const script = Script.create("client");
  const marker = script.take()[0]?.entries?.filter(([id]) => id >= 0xf000) ?? [];
  assert.equal(marker.length, 1);
  assert.equal(Script.open("server", { peerSettings: marker }).machine.peerIsFarcall, true);
  assert.equal(Script.open("server").machine.peerIsFarcall, false);
});

test("a table of ours that is not 4096 holds from its acknowledgement on, and not before", () => {
  const fields: FieldList = [...requestFields, ["x-long", "v".repeat(300)]];
  for (const decoderTableBytes of [0, 100, 4096, 65_536]) {
    const script = Script.create("server", { limits: { decoderTableBytes } });
    const encoder = new HpackEncoder();
    script.send(preface, settings(), compressed(encoder, 1, fields), compressed(encoder, 3, fields));
    encoder.setPeerMaxTableBytes(decoderTableBytes);
    script.send(settingsAck, compressed(encoder, 5, fields), compressed(encoder, 7, fields));
    assert.equal(script.requests.length, 4, `${decoderTableBytes} bytes`);
    assert.equal(new Set(script.requests.map(({ events }) => events[0])).size, 1, "all say the same");
  }
});

test("a peer that acknowledges a smaller table but does not shrink its own is out of step", () => {
  const script = Script.create("server", { limits: { decoderTableBytes: 100 } });
  const encoder = new HpackEncoder();
  script.send(preface, settings(), settingsAck, compressed(encoder, 1, requestFields));
  assert.match(script.lines().at(-1) ?? "", /^GOAWAY 0 COMPRESSION_ERROR$/);
});

/** What a client sends for the same request again and again while the peer changes its table size. */
function requestsThrough(changes: readonly (readonly number[] | "one frame each")[]): void {
  const script = Script.open("client");
  for (const sizes of [[], ...changes]) {
    if (sizes === "one frame each") continue;
    if (sizes.length > 0) {
      const entries = sizes.map((size) => [headerTableSize, size] as const);
      if (changes.includes("one frame each")) script.send(...entries.map((entry) => settings(entry)));
      else script.send(settings(...entries));
      for (const size of sizes) script.parser.setMaxTableBytes(size);
    }
    for (let round = 0; round < 3; round++) {
      script.openExchange().exchange.head(request, ["x-extra", `${round}`], true);
      const seen = script.take().find(({ type }) => type === "HEADERS");
      assert.deepEqual(seen?.fields?.flat(), [...request.list, "x-extra", `${round}`]);
    }
  }
}

test("a peer's table may shrink, vanish and grow while the same request is sent again", () => {
  requestsThrough([[0], [4096], [100], [50], [65_536], [4096]]);
});

test("a table that shrank and grew between two blocks is announced with both sizes", () => {
  requestsThrough(["one frame each", [0, 4096], [200, 60, 4096], [100], [4096, 100]]);
  requestsThrough([[0, 4096], [200, 60, 4096], [100], [4096, 100]]);
});

test("a header block larger than a frame goes on in CONTINUATION, with nothing between", () => {
  const script = Script.open("client");
  const extra = ["x-large", "~".repeat(40_000)];
  script.openExchange().exchange.head(request, extra, true);
  const parts: Uint8Array[] = [];
  script.machine.takeOutput(parts);
  const bytes = Buffer.concat(parts);
  const kinds: [type: number, flags: number, length: number][] = [];
  for (let at = 0; at < bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    kinds.push([bytes[at + 3] as number, bytes[at + 4] as number, bytes.readUIntBE(at, 3)]);
  }
  assert.deepEqual(kinds.slice(0, 2), [
    [1, 1, 16_384],
    [9, 0, 16_384],
  ]);
  assert.deepEqual(
    kinds.slice(2).map(([type, flags]) => [type, flags]),
    [[9, endHeaders]],
  );
  assert.deepEqual(script.parser.parse(bytes)[0]?.fields?.flat(), [...request.list, ...extra]);
});

test("equal blocks are equal requests, whatever came between them", () => {
  const script = Script.open("server");
  const encoder = new HpackEncoder();
  const other: FieldList = [...requestFields, ["x-other", "1"]];
  const order = [requestFields, requestFields, requestFields, other, requestFields, other, other, requestFields];
  order.forEach((fields, index) => {
    script.send(compressed(encoder, 2 * index + 1, fields));
  });
  assert.deepEqual(
    script.requests.map(({ events }) => events[0]),
    order.map((fields) => `request ${fields.map((field) => field.join("=")).join(" ")} last`),
  );
});

test("the same block is judged by what it is: a request, a response, or trailers", () => {
  const block: FieldList = [["x", "y"]];
  const script = Script.open("server").send(headers(1, requestFields), headers(1, block, { last: true }));
  script.send(headers(3, block));
  assert.deepEqual(script.lines(), ["RST_STREAM 3 PROTOCOL_ERROR"]);
  assert.deepEqual(script.requests[0]?.events.slice(1), ["tail x=y"]);
  const client = Script.open("client");
  const owner = client.openExchange();
  owner.exchange.head(request, undefined, true);
  client.send(headers(1, responseFields), headers(1, responseFields, { last: true }));
  assert.deepEqual(owner.events, ["head :status=200", "reset PROTOCOL_ERROR stream none"]);
});
