// nghttp2, which is in Node, as a judge of blocks: a story of requests is sent to its server, one of responses to its client.
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { defaultIndexing, HpackEncoder, type HpackIndexing } from "farcall/http2";
import { settings } from "../../support/http2-frames.ts";
import { RawPeer } from "../../support/http2-raw.ts";
import { sameFields } from "./ours.ts";
import type { Field, Story } from "./stories.ts";

/** What HTTP/2 forbids, or holds against a body that does not come: sent under another name. */
const unfit = /^(connection|keep-alive|transfer-encoding|content-length)$/;

/** The fields as nghttp2 takes them in a message: pseudo-fields first, and no blanks around values. */
function fitFields(fields: readonly Field[]): Field[] {
  const fit = fields.map(([name, value]): Field => [name.replace(unfit, "x-$1"), value.trim()]);
  const isPseudo = ([name]: Field) => name.startsWith(":");
  return [...fit.filter(isPseudo), ...fit.filter((field) => !isPseudo(field))];
}

/** How nghttp2 refuses a block: the tables are out of step, or the message is not allowed. */
const endings: ReadonlySet<string> = new Set(["GOAWAY", "RST_STREAM"]);

function withIndexing(fields: readonly Field[]): (readonly [string, string, HpackIndexing])[] {
  return fields.map(([name, value]) => [name, value, defaultIndexing(name, value)]);
}

function toFields(flat: readonly unknown[]): Field[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [String(flat[2 * at]), String(flat[2 * at + 1])]);
}

/** The blocks that nghttp2 does not read as they were meant, a sentence each. Our encoder makes them as they are sent. */
export async function judgeByNghttp2(stories: readonly Story[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const { name, blocks } of stories) {
    const lists = blocks.map(({ fields }) => fitFields(fields));
    const areRequests = lists[0]?.some(([field]) => field === ":method") === true;
    const seen = await (areRequests ? readByServer(lists) : readByClient(lists));
    for (const [index, fields] of lists.entries()) {
      if (!sameFields(seen[index] ?? [], fields))
        complaints.push(`${name}, block ${index}: nghttp2 reads other fields`);
    }
  }
  return complaints;
}

/** What the server reads of requests, up to the first that it refuses. */
async function readByServer(lists: readonly (readonly Field[])[]): Promise<Field[][]> {
  const seen: Field[][] = [];
  const server = http2.createServer();
  server.on("stream", (...event: unknown[]) => {
    const [stream, , , raw] = event as [http2.ServerHttp2Stream, unknown, unknown, unknown[]];
    seen.push(toFields(raw));
    stream.respond({ ":status": 204 }, { endStream: true });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = await RawPeer.dial((server.address() as AddressInfo).port, new HpackEncoder());
  peer.send(settings());
  for (const [index, fields] of lists.entries()) {
    peer.sendFields(2 * index + 1, withIndexing(fields));
    const { type } = await peer.next((frame) => frame.type === "HEADERS" || endings.has(frame.type));
    if (type !== "HEADERS") break;
  }
  peer.close();
  server.close();
  return seen;
}

/** What the client reads of responses, up to the first that it refuses. It asks again at each response that it has read. */
async function readByClient(lists: readonly (readonly Field[])[]): Promise<Field[][]> {
  const seen: Field[][] = [];
  const { port, peer: coming } = await RawPeer.listen(new HpackEncoder());
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  const ask = (): void => {
    const stream = session.request({ ":path": "/" }, { endStream: true }).resume();
    stream.on("error", () => {});
    stream.on("response", (...event: unknown[]) => {
      seen.push(toFields(event[2] as unknown[]));
      ask();
    });
  };
  ask();
  const peer = await coming;
  peer.send(settings());
  for (const fields of [...lists, undefined]) {
    const { type, id } = await peer.next((frame) => frame.type === "HEADERS" || endings.has(frame.type));
    if (type !== "HEADERS" || fields === undefined) break;
    peer.sendFields(id, withIndexing(fields));
  }
  session.destroy();
  peer.close();
  return seen;
}
