// Test support: servers that do what a gRPC client must bear of HTTP/2, in the eight ways that gRPC's own negative tests name,
// frame by frame on a machine's network. They never send beyond their client's windows.
import type { Machine } from "farcall/host";
import { data, type ErrorName, frame, goAway, headers, padded, ping, rstStream } from "./http2-frames.ts";
import { grpcHead, grpcMessage, okAnswer, type ScriptedConnection, ScriptedServer } from "./rpc-peer.ts";
import { SendWindows } from "./send-windows.ts";

/** A request that has come whole. */
export interface Asked {
  readonly connection: ScriptedConnection;
  readonly windows: SendWindows;
  readonly id: number;
  /** The message to answer with. */
  readonly reply: Uint8Array;
}

type Answer = (asked: Asked) => void | Promise<void>;

const trailers = (id: number) => headers(id, [["grpc-status", "0"]], { last: true });
const answerWell: Answer = ({ connection, id, reply }) => connection.send(okAnswer(id, reply));

const maxConcurrentStreamsId = 3;
/** The payload of each frame of a body in crumbs, and the padding that some of them have. */
const crumbBytes = 5;
const padBytes = 255;

/** A DATA frame with as much padding as there can be: it takes 256 bytes more of the windows than it brings. */
export function paddedData(id: number, payload: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.of(padBytes), payload, Buffer.alloc(padBytes)]);
  return frame({ type: "DATA", flags: padded, id, payload: body });
}

/** Sends a reply whose body is cut into crumbs, each in a frame of its own. */
async function sendCrumbs(asked: Asked, toFrame: (id: number, crumb: Uint8Array) => Buffer): Promise<void> {
  const { connection, windows, id, reply } = asked;
  connection.send(headers(id, grpcHead));
  const body = grpcMessage(reply);
  for (let at = 0; at < body.length; at += crumbBytes) {
    await windows.send(connection, id, toFrame(id, body.subarray(at, at + crumbBytes)));
  }
  connection.send(trailers(id));
}

function resetAfter(bodyShare: number, code: ErrorName): Answer {
  return ({ connection, id, reply }) => {
    const body = grpcMessage(reply);
    connection.send(headers(id, grpcHead));
    if (bodyShare > 0) connection.send(data(id, body.subarray(0, body.length * bodyShare)));
    connection.send(rstStream(id, code));
  };
}

const pingPlaces = ["before headers", "after headers", "after data"] as const;
/** The payloads of the PINGs that the server of `ping` sends with each answer, in order. */
export const pingPayloads: readonly string[] = pingPlaces.map((place) => place.padEnd(8).slice(-8));

const answerAmongPings: Answer = ({ connection, id, reply }) => {
  const [first = "", second = "", third = ""] = pingPayloads;
  connection.send(ping(first), headers(id, grpcHead), ping(second), data(id, grpcMessage(reply)), ping(third));
  connection.send(trailers(id));
};

const answerAndLeave: Answer = ({ connection, id, reply }) => {
  connection.send(okAnswer(id, reply), goAway(id, "NO_ERROR"));
};

/** Two turns of the event loop in which a second stream would be seen. */
const answerLate: Answer = async (asked) => {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  return answerWell(asked);
};

/** What each server does with every request (`each`), or with the first alone and answers the others well (`first`). */
const servers = {
  /** Each connection is left after its first answer. */
  goaway: { each: answerAndLeave },
  rst_after_header: { first: (code: ErrorName) => resetAfter(0, code) },
  rst_during_data: { first: (code: ErrorName) => resetAfter(0.5, code) },
  /** The whole message came, its status did not. */
  rst_after_data: { first: (code: ErrorName) => resetAfter(1, code) },
  ping: { each: answerAmongPings },
  /** One stream at a time. */
  max_streams: { each: answerLate },
  data_frame_padding: { first: () => (asked: Asked) => sendCrumbs(asked, paddedData) },
  no_df_padding_sanity: { first: () => (asked: Asked) => sendCrumbs(asked, data) },
} satisfies Readonly<Record<string, { readonly each: Answer } | { readonly first: (code: ErrorName) => Answer }>>;

export type NegativeCase = keyof typeof servers;

export interface NegativeOptions {
  /** What the first request is answered with; the others get an empty message. */
  readonly reply: Uint8Array;
  /** The code of the resets. Default NO_ERROR, as gRPC's own server has it. */
  readonly resetCode?: ErrorName;
  /** How requests after the first are answered, where it is the first that counts. Default: well. */
  readonly later?: Answer;
}

export class NegativeServer {
  readonly server: ScriptedServer;
  /** The most requests that were unanswered at once on one connection. */
  readonly mostAtOnce: () => number;

  private constructor(server: ScriptedServer, mostAtOnce: () => number) {
    this.server = server;
    this.mostAtOnce = mostAtOnce;
  }

  static async listen(machine: Machine, address: string, name: NegativeCase, options: NegativeOptions) {
    const kind = servers[name];
    const first = "first" in kind ? kind.first(options.resetCode ?? "NO_ERROR") : kind.each;
    const later = "first" in kind ? (options.later ?? answerWell) : kind.each;
    const states = new Map<ScriptedConnection, { readonly windows: SendWindows; readonly open: Set<number> }>();
    let requests = 0;
    let mostAtOnce = 0;
    const server = await ScriptedServer.listen(machine, address, {
      settings: name === "max_streams" ? [[maxConcurrentStreamsId, 1]] : [],
      onFrame: (connection, seen) => {
        const known = states.get(connection);
        const { windows, open } = known ?? { windows: new SendWindows(), open: new Set<number>() };
        if (known === undefined) states.set(connection, { windows, open });
        windows.take(seen);
        if (seen.type === "HEADERS") mostAtOnce = Math.max(mostAtOnce, open.add(seen.id).size);
        if (seen.last !== true) return;
        const isFirst = requests++ === 0;
        const reply = isFirst ? options.reply : new Uint8Array(0);
        const answer = isFirst ? first : later;
        void Promise.resolve(answer({ connection, windows, id: seen.id, reply })).then(() => open.delete(seen.id));
      },
    });
    return new NegativeServer(server, () => mostAtOnce);
  }
}
