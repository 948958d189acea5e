// HTTP/2: our machine on a socket with Node's own HTTP/2, which is nghttp2, in both roles.
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { connect, createServer, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { type Exchange, FieldTemplate } from "farcall/http";
import { DrivenSocket, GatheringOwner } from "../support/http2-socket.ts";

const response = new FieldTemplate([":status", "200", "content-type", "application/octet-stream"]);
const trailers = new FieldTemplate(["x-check", "done"]);
const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = http2.constants;

/** A body that repeats nowhere near, so that a piece out of place shows. */
function bodyOf(bytes: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 7 + (at >> 8) * 13 + seed) & 0xff));
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { readonly port: number }).port;
}

/** Node's client on a server machine of ours, whose exchanges `serve` answers. */
async function withNodeClient(
  context: TestContext,
  serve: (owner: GatheringOwner & { exchange: Exchange }, path: string) => Promise<void> | void,
  settings: http2.Settings = {},
) {
  const driven: DrivenSocket[] = [];
  const owners: GatheringOwner[] = [];
  const server = createServer((socket) => {
    driven.push(
      new DrivenSocket(socket, {
        role: "server",
        onExchange: (exchange, head, last) => {
          const owner = Object.assign(new GatheringOwner(), { exchange });
          owners.push(owner);
          owner.onHead(head, last);
          void serve(owner, head.get(":path") ?? "");
          return owner;
        },
      }),
    );
  });
  const session = http2.connect(`http://127.0.0.1:${await portOf(server)}`, { settings });
  context.after(() => {
    session.destroy();
    server.close();
  });
  await once(session, "remoteSettings");
  return { session, owners, machine: driven[0] as DrivenSocket };
}

/** A client machine of ours on Node's server. */
async function withNodeServer(
  context: TestContext,
  serve: (stream: http2.ServerHttp2Stream, session: http2.ServerHttp2Session) => void,
  settings: http2.Settings = {},
) {
  const server = http2.createServer({ settings });
  server.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("error", () => {});
    serve(stream, stream.session as http2.ServerHttp2Session);
  });
  const socket = connect(await portOf(server as unknown as Server), "127.0.0.1");
  const driven = new DrivenSocket(socket, { role: "client" });
  context.after(() => {
    socket.destroy();
    server.close();
  });
  await driven.ready;
  const request = (path: string, last: boolean) => {
    const owner = Object.assign(new GatheringOwner(), { exchange: undefined as Exchange | undefined });
    owner.exchange = driven.machine.open(owner);
    const fields = [":method", "POST", ":scheme", "http", ":path", path, ":authority", "localhost"];
    owner.exchange.head(new FieldTemplate(fields), undefined, last);
    return owner;
  };
  return { driven, request };
}

async function readAll(stream: http2.ClientHttp2Stream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function echo(owner: GatheringOwner & { exchange: Exchange }): Promise<void> {
  const end = await owner.end;
  assert.ok("body" in end);
  owner.exchange.head(response, undefined, false);
  await owner.send(end.body, 5000, false);
  owner.exchange.tail(trailers, undefined);
}

test("Node's client gets large bodies back whole, many at once, with small windows", {
  timeout: 20_000,
}, async (context) => {
  for (const initialWindowSize of [1000, 65_535, 1_000_000]) {
    const { session, machine } = await withNodeClient(context, echo, { initialWindowSize });
    const bodies = Array.from({ length: 12 }, (_, index) => bodyOf(index * 20_000, index));
    const echoes = bodies.map(async (body) => {
      const stream = session.request({ ":method": "POST", ":path": "/echo" });
      const ended = once(stream, "trailers");
      stream.end(body);
      assert.ok((await readAll(stream)).equals(body));
      const [fields] = await ended;
      assert.equal((fields as Record<string, unknown>)["x-check"], "done");
    });
    await Promise.all(echoes);
    assert.equal(machine.machine.openExchanges, 0);
  }
});

test("a window that Node's client changes in mid-stream is kept to", { timeout: 20_000 }, async (context) => {
  const body = bodyOf(200_000, 9);
  const { session } = await withNodeClient(context, async (owner) => {
    owner.exchange.head(response, undefined, false);
    await owner.send(body, 7000, true);
  });
  const stream = session.request({ ":path": "/" });
  stream.once("response", () => session.settings({ initialWindowSize: 100 }));
  let pieces = 0;
  stream.on("data", () => {
    if (++pieces === 3) session.settings({ initialWindowSize: 50_000 });
  });
  assert.ok((await readAll(stream)).equals(body));
});

test("a cut by Node's client reaches the owner, and a cut by us reaches it", { timeout: 20_000 }, async (context) => {
  const { session, owners } = await withNodeClient(context, (owner, path) => {
    if (path === "/refuse") owner.exchange.reset("REFUSED_STREAM");
  });
  const cut = session.request({ ":method": "POST", ":path": "/wait" });
  cut.write("half of it");
  await new Promise((resolve) => session.ping(resolve));
  cut.close(NGHTTP2_CANCEL);
  const reset = await owners[0]?.cut;
  assert.deepEqual([reset?.code, reset?.scope, reset?.proof], ["CANCEL", "stream", "none"]);
  const refused = session.request({ ":path": "/refuse" });
  await assert.rejects(once(refused, "response"), /NGHTTP2_REFUSED_STREAM/);
  assert.equal(refused.rstCode, NGHTTP2_REFUSED_STREAM);
});

test("Node's client may go on after a malformed header list of its own", { timeout: 20_000 }, async (context) => {
  const { session } = await withNodeClient(context, echo);
  const large = session.request({ ":path": "/", "x-large": "v".repeat(9000) });
  await assert.rejects(once(large, "response"));
  const next = session.request({ ":method": "POST", ":path": "/echo" });
  next.end("still here");
  assert.equal((await readAll(next)).toString(), "still here");
});

test("a drain lets Node's client finish what it began, and tells it to go", { timeout: 20_000 }, async (context) => {
  const { session, machine } = await withNodeClient(context, echo);
  const stream = session.request({ ":method": "POST", ":path": "/echo" });
  stream.write("first, ");
  await new Promise((resolve) => session.ping(resolve));
  const gone = once(session, "goaway");
  machine.machine.drain("going down", 0);
  await gone;
  stream.end("last");
  assert.equal((await readAll(stream)).toString(), "first, last");
  assert.equal(await machine.closed, "drained");
});

test("Node's server gets large bodies whole and sends them back, many at once", {
  timeout: 20_000,
}, async (context) => {
  for (const initialWindowSize of [1000, 65_535]) {
    const serve = (stream: http2.ServerHttp2Stream) => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-check": "done" }));
      stream.pipe(stream);
    };
    const { request, driven } = await withNodeServer(context, serve, { initialWindowSize });
    const bodies = Array.from({ length: 12 }, (_, index) => bodyOf(index * 20_000, index));
    const echoes = bodies.map(async (body) => {
      const owner = request("/echo", false);
      await owner.send(body, 6000, true);
      const end = await owner.end;
      assert.ok("body" in end && end.body.equals(body));
      assert.equal(end.tail?.get("x-check"), "done");
    });
    await Promise.all(echoes);
    assert.equal(driven.machine.openExchanges, 0);
  }
});

test("informational responses of Node's server are passed over", { timeout: 20_000 }, async (context) => {
  const { request } = await withNodeServer(context, (stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</x>; rel=preload" });
    stream.respond({ ":status": 204 }, { endStream: true });
  });
  const owner = request("/", true);
  assert.equal((await owner.head).get(":status"), "204");
});

test("a cut and a GOAWAY of Node's server say what they prove", { timeout: 20_000 }, async (context) => {
  const { request, driven } = await withNodeServer(context, (stream, session) => {
    if (stream.id === 1) stream.close(NGHTTP2_REFUSED_STREAM);
    else session.goaway(0, 1);
  });
  const refused = await request("/refused", true).end;
  assert.ok("code" in refused);
  assert.deepEqual([refused.code, refused.scope, refused.proof], ["REFUSED_STREAM", "stream", "refused"]);
  const gone = await request("/gone", true).end;
  assert.ok("code" in gone);
  assert.deepEqual([gone.code, gone.scope, gone.proof], ["REFUSED_STREAM", "stream", "refused"]);
  assert.match(await driven.closed, /GOAWAY NO_ERROR|drained/);
});
