// HPACK: the examples of RFC 7541, appendix C, both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Writer } from "../../bytes/writer.ts";
import { HpackDecoder } from "./decoder.ts";
import { HpackEncoder } from "./encoder.ts";

type Field = readonly [name: string, value: string];

interface Example {
  readonly section: string;
  readonly wire: string;
  readonly fields: readonly Field[];
  /** What our encoder writes, where it differs: it takes the Huffman code only when that is shorter. */
  readonly ours?: string;
  /** Octets of the dynamic table afterwards. */
  readonly tableBytes: number;
}

const firstRequest: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "www.example.com"],
];
const secondRequest: readonly Field[] = [...firstRequest, ["cache-control", "no-cache"]];
const thirdRequest: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/index.html"],
  [":authority", "www.example.com"],
  ["custom-key", "custom-value"],
];
const firstResponse: readonly Field[] = [
  [":status", "302"],
  ["cache-control", "private"],
  ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
  ["location", "https://www.example.com"],
];
const secondResponse: readonly Field[] = [[":status", "307"], ...firstResponse.slice(1)];
const thirdResponse: readonly Field[] = [
  [":status", "200"],
  ["cache-control", "private"],
  ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
  ["location", "https://www.example.com"],
  ["content-encoding", "gzip"],
  ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
];

/** Blocks that follow each other on one connection, whose table begins with `tableBytes`. */
const sequences: readonly {
  readonly name: string;
  readonly tableBytes: number;
  readonly blocks: readonly Example[];
}[] = [
  {
    name: "requests without Huffman",
    tableBytes: 4096,
    blocks: [
      { section: "C.3.1", wire: "828684410f7777772e6578616d706c652e636f6d", fields: firstRequest, tableBytes: 57 },
      { section: "C.3.2", wire: "828684be58086e6f2d6361636865", fields: secondRequest, tableBytes: 110 },
      {
        section: "C.3.3",
        wire: "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        fields: thirdRequest,
        tableBytes: 164,
      },
    ],
  },
  {
    name: "requests with Huffman",
    tableBytes: 4096,
    blocks: [
      { section: "C.4.1", wire: "828684418cf1e3c2e5f23a6ba0ab90f4ff", fields: firstRequest, tableBytes: 57 },
      { section: "C.4.2", wire: "828684be5886a8eb10649cbf", fields: secondRequest, tableBytes: 110 },
      {
        section: "C.4.3",
        wire: "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        fields: thirdRequest,
        tableBytes: 164,
      },
    ],
  },
  {
    name: "responses without Huffman, with eviction",
    tableBytes: 256,
    blocks: [
      {
        section: "C.5.1",
        wire:
          "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54" +
          "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        fields: firstResponse,
        tableBytes: 222,
      },
      { section: "C.5.2", wire: "4803333037c1c0bf", fields: secondResponse, tableBytes: 222 },
      {
        section: "C.5.3",
        wire:
          "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b" +
          "425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
        fields: thirdResponse,
        tableBytes: 215,
      },
    ],
  },
  {
    name: "responses with Huffman and eviction",
    tableBytes: 256,
    blocks: [
      {
        section: "C.6.1",
        wire: "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        fields: firstResponse,
        tableBytes: 222,
      },
      { section: "C.6.2", wire: "4883640effc1c0bf", ours: "4803333037c1c0bf", fields: secondResponse, tableBytes: 222 },
      {
        section: "C.6.3",
        wire:
          "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960" +
          "d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        fields: thirdResponse,
        tableBytes: 215,
      },
    ],
  },
];

for (const { name, tableBytes, blocks } of sequences) {
  test(`the decoder reads the example of ${name}`, () => {
    const decoder = new HpackDecoder({ maxTableBytes: tableBytes });
    for (const block of blocks) {
      const bytes = Buffer.from(block.wire, "hex");
      const fields: Field[] = [];
      const fault = decoder.decode(bytes, 0, bytes.length, { onField: (field, value) => fields.push([field, value]) });
      assert.equal(fault, undefined);
      assert.deepEqual(fields, block.fields, block.section);
      assert.equal(decoder.tableBytes, block.tableBytes, block.section);
    }
  });
}

for (const { name, tableBytes, blocks } of sequences.filter((sequence) => sequence.name.includes("with Huffman"))) {
  test(`the encoder writes the example of ${name}`, () => {
    const encoder = new HpackEncoder({ maxTableBytes: tableBytes });
    // The examples leave out the size update that tells the peer of a table below 4096.
    encoder.beginBlock(new Writer());
    for (const block of blocks) {
      const writer = new Writer();
      encoder.beginBlock(writer);
      for (const [field, value] of block.fields) encoder.encodeField(writer, field, value, "index");
      assert.equal(Buffer.from(writer.toBytes()).toString("hex"), block.ours ?? block.wire, block.section);
      assert.equal(encoder.tableBytes, block.tableBytes, block.section);
    }
  });
}

const singles: readonly (Example & { readonly sensitive: boolean })[] = [
  {
    section: "C.2.1",
    wire: "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
    fields: [["custom-key", "custom-header"]],
    tableBytes: 55,
    sensitive: false,
  },
  {
    section: "C.2.2",
    wire: "040c2f73616d706c652f70617468",
    fields: [[":path", "/sample/path"]],
    tableBytes: 0,
    sensitive: false,
  },
  {
    section: "C.2.3",
    wire: "100870617373776f726406736563726574",
    fields: [["password", "secret"]],
    tableBytes: 0,
    sensitive: true,
  },
  { section: "C.2.4", wire: "82", fields: [[":method", "GET"]], tableBytes: 0, sensitive: false },
];

test("the decoder reads each way to represent one field", () => {
  for (const single of singles) {
    const decoder = new HpackDecoder();
    const bytes = Buffer.from(single.wire, "hex");
    const seen: unknown[] = [];
    const sink = { onField: (...field: unknown[]) => seen.push(field) };
    assert.equal(decoder.decode(bytes, 0, bytes.length, sink), undefined);
    assert.deepEqual(seen, [[...(single.fields[0] as Field), single.sensitive]], single.section);
    assert.equal(decoder.tableBytes, single.tableBytes, single.section);
  }
});
