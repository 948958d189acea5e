// Fuzz support: what nghttp2, which is in Node, makes of a client's bytes: the streams that it opens, those that it resets,
// and how it ends the connection. It works in memory.

import http2 from "node:http2";
import { Duplex } from "node:stream";
import { type FieldList, FrameParser, ping } from "../../support/http2-frames.ts";

/** What a server makes of a connection. Both maps go by the streams' ids. */
export interface ServerVerdict {
  readonly opened: Map<number, FieldList>;
  readonly reset: Map<number, string>;
  /** The code of its GOAWAY, when it has sent one. */
  goAway: string | undefined;
}

const limits = {
  maxHeaderListPairs: 5000,
  maxSessionInvalidFrames: 5000,
  settings: { maxHeaderListSize: 1 << 20, maxConcurrentStreams: 100 },
};
const last = ping("the last");

/** Lets nghttp2 read a client's bytes, preface and all, which end with a whole frame. */
export async function readByNghttp2(bytes: Uint8Array): Promise<ServerVerdict> {
  const verdict: ServerVerdict = { opened: new Map(), reset: new Map(), goAway: undefined };
  const parser = new FrameParser();
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const pipe = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, callback) {
      for (const { type, id, code, payload } of parser.parse(chunk)) {
        if (type === "RST_STREAM") verdict.reset.set(id, code ?? "");
        if (type === "GOAWAY") verdict.goAway ??= code ?? "";
        if (type === "GOAWAY" || (type === "PING" && payload.equals(last.subarray(9)))) end();
      }
      callback();
    },
  });
  const session = http2.performServerHandshake(pipe, limits);
  session.on("error", () => {});
  session.on("close", end);
  session.on("stream", (stream: http2.ServerHttp2Stream, ...rest: unknown[]) => {
    stream.on("error", () => {});
    const flat = rest[2] as string[];
    const pairs = Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]] as const);
    verdict.opened.set(stream.id as number, pairs as FieldList);
  });
  pipe.push(Buffer.concat([bytes, last]));
  await ended;
  session.destroy();
  pipe.destroy();
  return verdict;
}
