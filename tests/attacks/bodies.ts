// Attacks with bodies: in tiny pieces, that nobody reads, that are never whole, that inflate to much, and with windows.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { data, frame, headers, uint32 } from "../support/http2-frames.ts";
import { grpcMessage } from "../support/rpc-peer.ts";
import type { Attack } from "./attack.ts";
import { fieldsOf, head, idOf, request } from "./requests.ts";

const mebibyte = 1024 * 1024;
/** The window that a new stream has. */
const windowBytes = 65_535;

/** The prefix of a message of so many bytes. */
const prefix = (length: number, flag = 0): Buffer => Buffer.concat([Buffer.of(flag), uint32(length)]);

/** Sends a body in DATA frames of `size` bytes as far as the peer gives credit; true when all has left. */
async function sendBody(
  attacker: Awaited<ReturnType<Parameters<Attack["run"]>[0]["dial"]>>,
  id: number,
  options: { readonly bytes: number; readonly size: number; readonly withinMs: number },
): Promise<boolean> {
  const { bytes, size, withinMs } = options;
  const one = frame({ type: "DATA", id, payload: Buffer.alloc(size) });
  let sent = 0;
  while (sent < bytes) {
    const room = windowBytes + (attacker.credit.get(id) ?? 0) - sent;
    const count = Math.min(Math.floor(room / size), Math.ceil((bytes - sent) / size), Math.ceil(20_000 / size));
    if (count <= 0) {
      const before = attacker.credit.get(id) ?? 0;
      if (!(await attacker.until(() => (attacker.credit.get(id) ?? 0) > before || attacker.ended, withinMs)))
        return false;
      if (attacker.ended) return false;
      continue;
    }
    await attacker.send(Buffer.concat(Array.from({ length: count }, () => one)));
    sent += count * size;
  }
  return true;
}

/** Messages that inflate to a gibibyte of zeros: 1 MiB of gzip. */
function bomb(title: string, encoding: string, compressed: Buffer): Attack {
  return {
    title: `message bomb: ${title}`,
    run: async (scene) => {
      const attacker = await scene.dial();
      const message = grpcMessage(compressed, 1);
      await attacker.send(headers(1, fieldsOf("Echo", [["grpc-encoding", encoding]])));
      for (let at = 0; at < message.length; at += 16_384) {
        const end = Math.min(message.length, at + 16_384);
        const isMet = () => attacker.ended || at <= (attacker.credit.get(1) ?? 0) + windowBytes - 16_384;
        if (!(await attacker.until(isMet, 2000))) break;
        await attacker.send(data(1, message.subarray(at, end), end === message.length));
      }
      await attacker.until(() => attacker.count("HEADERS") > 0);
      return attacker;
    },
    meets: "maxMessageBytes",
    check: (attacker) => {
      const answer = new Map(attacker.seen.find(({ type }) => type === "HEADERS")?.fields);
      assert.equal(answer.get("grpc-status"), "8", "RESOURCE_EXHAUSTED");
      assert.match(answer.get("grpc-message") ?? "", /maxMessageBytes/);
    },
  };
}

/** A request whose body is at fault: refused alone, before memory is taken. */
function badPrefix(title: string, message: Buffer, status: string): Attack {
  return {
    title: `message bomb: ${title}`,
    run: async (scene) => {
      const attacker = await scene.dial();
      for (let round = 0; round < 50; round++) {
        await attacker.send(head.Echo(idOf(round)), data(idOf(round), message));
      }
      await attacker.until(() => attacker.count("HEADERS") >= 50);
      return attacker;
    },
    mayGrowBytes: 4 * mebibyte,
    check: (attacker) => {
      const answers = attacker.seen.filter(({ type }) => type === "HEADERS");
      assert.equal(answers.length, 50);
      for (const { fields } of answers) assert.equal(new Map(fields).get("grpc-status"), status);
    },
  };
}

const gibibyteOfZeros = (): { readonly gzip: Buffer; readonly deflate: Buffer } => {
  const zeros = Buffer.alloc(64 * mebibyte);
  return { gzip: gzipSync(zeros), deflate: deflateSync(zeros) };
};
const zeros = gibibyteOfZeros();

export const bodyAttacks: readonly Attack[] = [
  {
    title: "tiny DATA frames: a mebibyte in frames of one byte",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.send(head.Echo(1), data(1, prefix(2 * mebibyte)));
      await sendBody(attacker, 1, { bytes: mebibyte, size: 1, withinMs: 1000 });
      return attacker;
    },
    mayGrowBytes: 8 * mebibyte,
  },
  {
    title: "tiny DATA frames: bodies of one-byte frames that nobody reads, on 20 streams",
    run: async (scene) => {
      const attacker = await scene.dial();
      for (let round = 0; round < 20; round++) {
        const id = idOf(round);
        await attacker.send(head.Upload(id), data(id, prefix(2 * mebibyte)));
        await sendBody(attacker, id, { bytes: 60_000, size: 1, withinMs: 200 });
      }
      return attacker;
    },
    mayGrowBytes: 8 * mebibyte,
  },
  {
    title: "tiny messages: 100 streams full of empty messages that nobody reads",
    run: async (scene) => {
      const attacker = await scene.dial();
      const full = Buffer.alloc(16_380);
      for (let round = 0; round < 100; round++) {
        const id = idOf(round);
        await attacker.send(
          head.Upload(id),
          data(id, full),
          data(id, full),
          data(id, full),
          data(id, full.subarray(0, 16_000)),
        );
      }
      await sleep(500);
      return attacker;
    },
    check: (_attacker, { snapshot }) => assert.equal(snapshot.openCalls, 100),
  },
  {
    title: "window games: 100 requests of 4 MiB less a byte, none of which becomes whole",
    run: async (scene) => {
      const attacker = await scene.dial();
      const bytes = 4 * mebibyte - 20_000;
      const one = async (round: number): Promise<void> => {
        const id = idOf(round);
        await attacker.send(head.Echo(id), data(id, prefix(4 * mebibyte)));
        await sendBody(attacker, id, { bytes, size: 16_000, withinMs: 300 });
      };
      await Promise.all(Array.from({ length: 100 }, (_, round) => one(round)));
      return attacker;
    },
    check: (attacker) => assert.equal(attacker.goAway, undefined),
  },
  {
    title: "window games: 100 replies of 4 MiB that are never given a window",
    run: async (scene) => {
      const attacker = await scene.dial({ settings: [[4, 0]] });
      for (let round = 0; round < 100; round++) await attacker.send(request(idOf(round), "Large", { size: 4_000_000 }));
      await sleep(1000);
      return attacker;
    },
  },
  {
    title: "window games: replies without end that are not read from the socket",
    run: async (scene) => {
      const attacker = await scene.dial({ settings: [[4, 0x7fffffff]], reads: false });
      await attacker.send(frame({ type: "WINDOW_UPDATE", payload: uint32(0x7fff0000) }));
      for (let round = 0; round < 100; round++) await attacker.send(request(idOf(round), "Large", { size: 4_000_000 }));
      await sleep(1000);
      return attacker;
    },
  },
  {
    title: "window games: DATA beyond the window of a stream",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.send(head.Upload(1));
      await attacker.flood(2000, () => [data(1, Buffer.alloc(16_384))], 1);
      await attacker.until(() => attacker.count("RST_STREAM FLOW_CONTROL_ERROR") > 0);
      return attacker;
    },
    check: (attacker) => assert.equal(attacker.count("RST_STREAM FLOW_CONTROL_ERROR"), 1),
  },
  bomb("64 MiB of zeros by gzip", "gzip", zeros.gzip),
  bomb("64 MiB of zeros by deflate", "deflate", zeros.deflate),
  badPrefix("a length of 4 GiB", prefix(0xffffffff), "8"),
  badPrefix("a length of 4 MiB and a byte", prefix(4 * mebibyte + 1), "8"),
  badPrefix("a compressed message without an encoding", prefix(10, 1), "13"),
];
