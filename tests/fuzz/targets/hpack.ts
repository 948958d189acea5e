// Fuzz target: header blocks of one connection, with changes of the table's size between them. The decoder agrees with the
// model in what it refuses, in every field and in the table; and what it gives, our encoder can send.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Writer } from "farcall/bytes";
import { defaultHpackLimits, HpackDecoder, HpackEncoder, type HpackIndexing } from "farcall/http2";
import { Input } from "../input.ts";
import { HpackModel, type ModelField } from "../models/hpack.ts";

const stories = fileURLToPath(new URL("../../../../third_party/hpack-stories/", import.meta.url));
const ways: readonly HpackIndexing[] = ["index", "literal", "never"];
const resizes = 0;

export function fuzz(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const decoder = new HpackDecoder();
  const model = new HpackModel(4096);
  const pair = { encoder: new HpackEncoder(), decoder: new HpackDecoder() };
  while (!input.isDone) {
    if (input.byte() % 8 === resizes) {
      const maxBytes = input.short() % 5000;
      decoder.setMaxTableBytes(maxBytes);
      model.setMaxTableBytes(maxBytes);
      continue;
    }
    const fields = decodeBoth(decoder, model, input.some());
    if (fields === undefined) return;
    sendAgain(pair, fields);
  }
}

/** The block's fields; undefined when the connection is over. */
function decodeBoth(decoder: HpackDecoder, model: HpackModel, block: Uint8Array): ModelField[] | undefined {
  const fields: ModelField[] = [];
  const sink = { onField: (name: string, value: string, sensitive: boolean) => fields.push([name, value, sensitive]) };
  const fault = decoder.decode(block, 0, block.length, sink);
  const wanted = model.decode(block);
  assert.ok(sizeOf(fields) <= defaultHpackLimits.maxListBytes, "more was given out than the limit allows");
  assert.ok(fields.length <= defaultHpackLimits.maxFields);
  if (fault !== undefined) {
    assert.equal(decoder.decode(block, 0, block.length, sink), fault, "a fault stays");
    if (fault.code !== "list-too-large") assert.equal(wanted, undefined, fault.message);
    return undefined;
  }
  assert.ok(wanted !== undefined, "the model refuses the block");
  assert.equal(decoder.tableBytes, model.tableBytes);
  if (decoder.exceeded === undefined) assert.deepEqual(fields, wanted);
  else assert.deepEqual(fields, wanted.slice(0, fields.length));
  return fields;
}

function sizeOf(fields: readonly ModelField[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

function sendAgain(
  pair: { readonly encoder: HpackEncoder; readonly decoder: HpackDecoder },
  sent: readonly ModelField[],
) {
  const writer = new Writer();
  pair.encoder.beginBlock(writer);
  for (const [name, value, sensitive] of sent) {
    const way = sensitive ? "never" : (ways[(name.length + value.length) % ways.length] as HpackIndexing);
    pair.encoder.encodeField(writer, name, value, way);
  }
  const block = writer.toBytes();
  const came: (readonly [string, string])[] = [];
  const sink = { onField: (name: string, value: string) => came.push([name, value]) };
  assert.equal(pair.decoder.decode(block, 0, block.length, sink), undefined);
  assert.deepEqual(
    came,
    sent.map(([name, value]) => [name, value]),
  );
  assert.equal(pair.decoder.tableBytes, pair.encoder.tableBytes);
}

/** The first blocks of one story of each encoder. */
export function seeds(): Uint8Array[] {
  const encoders = readdirSync(stories, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return encoders.map(({ name: encoder }) => {
    const [file] = readdirSync(`${stories}${encoder}`)
      .filter((name) => name.endsWith(".json"))
      .sort();
    const { cases } = JSON.parse(readFileSync(`${stories}${encoder}/${file}`, "utf8")) as {
      readonly cases: readonly { readonly wire: string }[];
    };
    const blocks = cases.map(({ wire }) => Buffer.from(wire, "hex")).filter(({ length }) => length < 256);
    return Buffer.concat(blocks.slice(0, 4).flatMap((block) => [Buffer.of(1, block.length), block]));
  });
}
