// Attacks with header blocks: that never end, that are large, that decode to much, that break the decoder.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { FrameSocket } from "../support/frame-socket.ts";
import { type FieldList, frame, headers } from "../support/http2-frames.ts";
import type { Attack } from "./attack.ts";
import { blockFrames, blockOf, fieldsOf, idOf, request } from "./requests.ts";

const rounds = 100_000;

const continuation = (payload: Uint8Array): Buffer => frame({ type: "CONTINUATION", id: 1, payload });

function continuations(title: string, payload: Buffer, says: RegExp): Attack {
  return {
    title: `CONTINUATION flood: ${title}`,
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.send(headers(1, fieldsOf("Echo"), { whole: false }));
      await attacker.flood(rounds, () => [continuation(payload)], 10);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says },
  };
}

/** Requests that are too large: the request alone is refused, with the limit's name. */
function large(title: string, fields: FieldList, limit: string): Attack {
  return {
    title: `big headers: ${title}`,
    run: async (scene) => {
      const attacker = await scene.dial();
      for (let round = 0; round < 50; round++) {
        await attacker.send(...blockFrames(idOf(round), blockOf([...fieldsOf("Echo"), ...fields])));
      }
      await attacker.until(() => attacker.count("HEADERS") === 50);
      return attacker;
    },
    meets: limit,
    check: (attacker) => {
      const answers = attacker.seen.filter(({ type }) => type === "HEADERS");
      assert.equal(answers.length, 50);
      for (const { fields: answer } of answers) {
        const found = new Map(answer);
        assert.equal(found.get("grpc-status"), "8", "RESOURCE_EXHAUSTED");
        assert.ok(found.get("grpc-message")?.includes(`${limit} `), found.get("grpc-message"));
      }
    },
  };
}

/** An entry of the dynamic table whose name and value have `bytes` octets, and references to it. */
function tableEntry(bytes: number): Buffer {
  const value = Buffer.alloc(bytes - 1, 0x78);
  const lengths = Buffer.from([0x40, 1, 0x61, 0x7f, ((value.length - 127) & 0x7f) | 0x80, (value.length - 127) >> 7]);
  return Buffer.concat([lengths, value]);
}
const reference = 0xbe;

/** A block that the decoder must refuse. */
function broken(title: string, block: readonly number[]): Attack {
  return {
    title: `HPACK machine: ${title}`,
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.send(frame({ type: "HEADERS", flags: 4, id: 1, payload: Buffer.from(block) }));
      await attacker.until(() => attacker.ended);
      return attacker;
    },
    ends: { code: "COMPRESSION_ERROR", says: /./ },
  };
}

/** 100 streams with as many fields as are taken, none of which ends. */
async function hold(attacker: FrameSocket, fields: FieldList): Promise<void> {
  const first = blockOf([...fieldsOf("Hold"), ...fields]);
  for (let round = 0; round < 100; round++) await attacker.send(...blockFrames(idOf(round), first));
  await sleep(500);
}

export const headerAttacks: readonly Attack[] = [
  continuations("of full frames", Buffer.alloc(16_384, 0x78), /\(maxBlockBytes 65536\)/),
  continuations("of frames of one byte", Buffer.of(0), /\(maxContinuations 8\)/),
  continuations("of empty frames", Buffer.alloc(0), /empty CONTINUATION/),
  large("one field of 8 KiB and a byte", [["x", "v".repeat(8192)]], "maxFieldBytes"),
  large(
    "three of 6 KB",
    Array.from({ length: 3 }, () => ["x", "v".repeat(6000)] as const),
    "maxFieldListBytes",
  ),
  large(
    "crumbs of a cookie",
    Array.from({ length: 128 }, (_, index) => ["cookie", `c${index}=1`]),
    "maxFields",
  ),
  {
    title: "big headers: 64 KiB in one list",
    run: async (scene) => {
      const attacker = await scene.dial();
      const fields = Array.from({ length: 9 }, () => ["x", "v".repeat(7600)] as const);
      await attacker.send(...blockFrames(1, blockOf([...fieldsOf("Echo"), ...fields])));
      await attacker.until(() => attacker.ended);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /\((maxBlockBytes 65536|maxFieldListBytes 16384)\)/ },
  },
  {
    title: "HPACK bomb: an entry of 4 KB and 16,000 references to it",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.send(...blockFrames(1, Buffer.concat([blockOf(fieldsOf("Hold")), tableEntry(4000)])));
      await attacker.send(...blockFrames(3, Buffer.alloc(16_000, reference)));
      await attacker.until(() => attacker.ended);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /\(maxFieldListBytes 16384\)/ },
    meets: "maxFieldListBytes",
  },
  {
    title: "HTTP/2 bomb: 100 streams of 120 references to one tiny field, no window, held",
    run: async (scene) => {
      const attacker = await scene.dial({ settings: [[4, 0]] });
      const seed = Buffer.concat([blockOf(fieldsOf("Hold")), Buffer.from([0x40, 1, 0x61, 1, 0x62])]);
      await attacker.send(...blockFrames(1, seed));
      const more = Buffer.concat([blockOf(fieldsOf("Hold")), Buffer.alloc(120, reference)]);
      for (let round = 1; round < 100; round++) await attacker.send(...blockFrames(idOf(round), more));
      await sleep(500);
      return attacker;
    },
    check: (_attacker, { snapshot }) => assert.equal(snapshot.openCalls, 100),
  },
  {
    title: "HTTP/2 bomb: 100 streams of 15 KB of fields each, held",
    run: async (scene) => {
      const attacker = await scene.dial({ settings: [[4, 0]] });
      await hold(attacker, [
        ["x-one", "v".repeat(7000)],
        ["x-two", "w".repeat(7000)],
      ]);
      return attacker;
    },
    check: (_attacker, { snapshot }) => assert.ok(snapshot.openCalls > 0),
  },
  broken("an integer of six octets", [0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  broken("an integer above 2^28", [0x40, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x01]),
  broken("an index beyond the table", [0xff, 0x80, 0x08]),
  broken("a Huffman code with the end of string", [0x40, 0x84, 0xff, 0xff, 0xff, 0xff, 0]),
  broken("Huffman padding of a whole octet", [0x40, 0x82, 0x1f, 0xff, 0]),
  broken("three updates of the table's size", [0x20, 0x20, 0x20, 0x82]),
  broken("a table larger than we allow", [0x3f, 0xe2, 0x1f, 0x82]),
  broken("an update behind a field", [0x82, 0x20]),
  {
    title: "HPACK machine: the error of one field does not stick to the next request",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.send(...blockFrames(1, blockOf([...fieldsOf("Echo"), ["x", "v".repeat(9000)]])));
      await attacker.send(request(3, "Echo"));
      await attacker.until(() => attacker.count("HEADERS") >= 3);
      return attacker;
    },
    meets: "maxFieldBytes",
    check: (attacker) => {
      const last = attacker.seen.filter(({ type, id }) => type === "HEADERS" && id === 3).at(-1);
      assert.equal(new Map(last?.fields).get("grpc-status"), "0");
    },
  },
];
