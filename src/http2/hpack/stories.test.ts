// HPACK: blocks of other implementations' encoders, from third_party/hpack-stories, and our encoder on the same fields.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Writer } from "../../bytes/writer.ts";
import { HpackDecoder } from "./decoder.ts";
import { HpackEncoder } from "./encoder.ts";
import { defaultIndexing } from "./policy.ts";

interface StoryCase {
  readonly wire: string;
  readonly header_table_size?: number | null;
  readonly headers: readonly Readonly<Record<string, string>>[];
}

type Field = readonly [name: string, value: string];

const root = new URL("../../../../third_party/hpack-stories/", import.meta.url);
const stories = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));

function readStory(file: string): readonly StoryCase[] {
  const story: { readonly cases: readonly StoryCase[] } = JSON.parse(readFileSync(new URL(file, root), "utf8"));
  return story.cases;
}

/** The fields of a case as header octets: UTF-8, one char an octet. */
function fieldsOf({ headers }: StoryCase): Field[] {
  const octets = (text: string) => Buffer.from(text, "utf8").toString("latin1");
  return headers.flatMap((header) => Object.entries(header)).map(([name, value]) => [octets(name), octets(value)]);
}

function decode(decoder: HpackDecoder, bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  const fault = decoder.decode(bytes, 0, bytes.length, { onField: (name, value) => fields.push([name, value]) });
  assert.equal(fault, undefined);
  return fields;
}

test("there are stories of 14 encoders", () => {
  assert.equal(new Set(stories.map((file) => file.split(/[\\/]/)[0])).size, 14);
});

for (const file of stories.sort()) {
  test(`the decoder reads ${file}`, () => {
    const decoder = new HpackDecoder();
    for (const block of readStory(file)) {
      if (typeof block.header_table_size === "number") decoder.setMaxTableBytes(block.header_table_size);
      assert.deepEqual(decode(decoder, Buffer.from(block.wire, "hex")), fieldsOf(block));
    }
  });
}

test("the encoder's blocks come back, and are no more than 3 % larger than nghttp2's", () => {
  for (const file of stories.filter((name) => /^nghttp2[\\/]/.test(name))) {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    let ours = 0;
    let theirs = 0;
    for (const block of readStory(file)) {
      const writer = new Writer();
      encoder.beginBlock(writer);
      const fields = fieldsOf(block);
      for (const [name, value] of fields) encoder.encodeField(writer, name, value, defaultIndexing(name, value));
      assert.deepEqual(decode(decoder, writer.toBytes()), fields);
      ours += writer.written;
      theirs += block.wire.length / 2;
    }
    assert.ok(ours <= theirs * 1.03, `${file}: ${ours} octets against ${theirs}`);
  }
});
