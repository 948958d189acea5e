// Peers that are not what they should be: other protocols, mixed-up TLS, closed ports, unknown names, and silence. Each
// ends as a clear error of the phase it happened in, and what was never sent is called not executed.
import assert from "node:assert/strict";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { test } from "node:test";
import { type CallError, dial, serve } from "farcall";
import { certs } from "../support/certs/certs.ts";
import { data, FrameParser, headers as headersFrame, preface, settings, settingsAck } from "../support/http2-frames.ts";
import { failureOf, implementProbe, Probe, Tally, watchProcess } from "../support/rpc-probe.ts";

interface Stranger {
  readonly address: string;
  readonly accepted: () => number;
  close(): Promise<void>;
}

/** A TCP server of another kind. */
async function stranger(onConnection: (socket: Socket) => void): Promise<Stranger> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server: NetServer = createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.resume();
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    address: `tcp://127.0.0.1:${address.port}`,
    accepted: () => accepted,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

async function failureAt(address: string, options: Parameters<typeof dial>[1] = {}): Promise<CallError> {
  const watch = watchProcess();
  const channel = dial(address, options);
  const startedAt = performance.now();
  const error = await failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 3000 }));
  assert.ok(performance.now() - startedAt < 2500, "long before its deadline");
  await channel.close();
  await watch.check();
  return error;
}

const html = "<html><body>It works!</body></html>";
const http11 = `HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\n\r\n${html}`;
const banners: readonly (readonly [what: string, banner: Uint8Array, message: RegExp])[] = [
  ["an HTTP/1.1 answer", Buffer.from(http11), /answers in HTTP\/1\.1: "HTTP\/1\.1/],
  ["HTML without headers", Buffer.from(html), /another protocol than HTTP\/2: "<html>/],
  ["an SSH banner", Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"), /another protocol than HTTP\/2: "SSH-2\.0-O/],
  ["an SMTP banner", Buffer.from("220 mail.example.org ESMTP\r\n"), /another protocol than HTTP\/2: "220 mail\./],
  ["a TLS alert", Buffer.of(0x15, 3, 1, 0, 2, 2, 0x46), /answers in TLS; is the address to be tls:\/\/\?/],
  ["zeros", Buffer.alloc(64), /HTTP\/2|SETTINGS/],
  ["0xff", Buffer.alloc(64, 0xff), /HTTP\/2|frame|FRAME/],
];

for (const [what, banner, message] of banners) {
  for (const pieces of ["whole", "byte by byte"]) {
    test(`a peer that speaks ${what}, ${pieces}, fails the connection, not the request`, async () => {
      const peer = await stranger(async (socket) => {
        if (pieces === "whole") return void socket.write(banner);
        socket.setNoDelay(true);
        for (const byte of banner) {
          socket.write(Uint8Array.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      const error = await failureAt(peer.address);
      assert.equal(error.code, "UNAVAILABLE");
      assert.equal(error.phase, "connecting");
      assert.equal(error.execution, "not-executed");
      assert.equal(error.attempts, 0);
      assert.match(error.message, message);
      assert.ok(error.message.includes(peer.address), error.message);
      await peer.close();
    });
  }
}

test("a peer that closes at once fails the connection", async () => {
  const peer = await stranger((socket) => socket.end());
  const error = await failureAt(peer.address);
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  assert.match(error.message, /closed/);
  await peer.close();
});

test("a peer that resets at once fails the connection", async () => {
  const peer = await stranger((socket) => socket.resetAndDestroy());
  const error = await failureAt(peer.address);
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  await peer.close();
});

/** An HTTP/2 server without gRPC: it answers every request with the given frames. */
function http2Stranger(answer: (id: number) => Uint8Array): Promise<Stranger> {
  return stranger((socket) => {
    const parser = new FrameParser();
    let skip = preface.length;
    socket.write(Buffer.concat([settings(), settingsAck]));
    socket.on("data", (chunk: Buffer) => {
      const start = Math.min(skip, chunk.length);
      skip -= start;
      for (const frame of parser.parse(chunk.subarray(start))) {
        if (frame.type === "HEADERS") socket.write(answer(frame.id));
      }
    });
  });
}

const pages: readonly (readonly [status: string, code: string])[] = [
  ["200", "UNKNOWN"],
  ["301", "UNKNOWN"],
  ["400", "INTERNAL"],
  ["401", "UNAUTHENTICATED"],
  ["403", "PERMISSION_DENIED"],
  ["404", "UNIMPLEMENTED"],
  ["429", "UNAVAILABLE"],
  ["500", "UNKNOWN"],
  ["502", "UNAVAILABLE"],
  ["503", "UNAVAILABLE"],
  ["504", "UNAVAILABLE"],
];

for (const [status, code] of pages) {
  test(`a web page with HTTP ${status} at HTTP/2 level is quoted, not read as a message of 1 GB`, async () => {
    const peer = await http2Stranger((id) =>
      Buffer.concat([
        headersFrame(id, [
          [":status", status],
          ["content-type", "text/html"],
        ]),
        data(id, html, true),
      ]),
    );
    const error = await failureAt(peer.address);
    assert.equal(error.code, code, error.message);
    assert.equal(error.execution, "unknown");
    assert.match(error.message, /text\/html/);
    assert.match(error.message, /It works!/);
    await peer.close();
  });
}

test("an endless page ends its call with its beginning, long before the deadline", async () => {
  const page = data(1, "x".repeat(16_000));
  const peer = await stranger((socket) => {
    socket.write(Buffer.concat([settings(), settingsAck]));
    socket.once("data", () => {
      socket.write(
        headersFrame(1, [
          [":status", "200"],
          ["content-type", "text/html"],
        ]),
      );
      const pump = (): void => {
        while (!socket.destroyed && socket.write(page)) {}
      };
      socket.on("drain", pump);
      pump();
    });
  });
  const channel = dial(peer.address);
  const error = await failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 3000 }));
  assert.equal(error.code, "UNKNOWN");
  assert.match(error.message, /text\/html.*"x{100}"/);
  await channel.close();
  await peer.close();
});

test("a plain client at a TLS port is told of TLS, and nothing was sent", async () => {
  const tally = new Tally();
  const tls = certs.server;
  const server = await serve("tls://127.0.0.1:0", [implementProbe(tally)], { tls });
  const address = (server.addresses[0] as string).replace("tls:", "tcp:");
  const error = await failureAt(address);
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  assert.match(error.message, /answers in TLS|closed|reset/);
  assert.equal(tally.total, 0);
  await server.close();
});

test("a TLS client at a plain port fails in the handshake, and the server goes on", async () => {
  const tally = new Tally();
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(tally)]);
  const address = server.addresses[0] as string;
  const error = await failureAt(address.replace("tcp:", "tls:"), {
    tls: { ca: certs.authority.cert, serverName: "localhost" },
  });
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  const channel = dial(address);
  await channel.stub(Probe).run({ tag: "b" });
  assert.equal(tally.starts("b"), 1);
  await channel.close();
  await server.close();
});

test("strangers at our own port are sent away, and the server goes on", async () => {
  const watch = watchProcess();
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  const address = server.addresses[0] as string;
  const port = Number(address.split(":").at(-1));
  const { connect } = await import("node:net");
  const openings = [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "SSH-2.0-x\r\n",
    "\x16\x03\x01\x02\x00",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r",
    "",
  ];
  for (const opening of openings) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    await new Promise((resolve) => socket.once("connect", resolve));
    if (opening === "") socket.resetAndDestroy();
    else socket.end(opening);
    await new Promise((resolve) => socket.once("close", resolve));
  }
  const channel = dial(address);
  assert.equal((await channel.stub(Probe).run({ tag: "a" })).tag, "a");
  assert.equal(server.snapshot().connections.length, 1);
  await channel.close();
  await server.close();
  await watch.check();
});

test("a closed port refuses: the call fails at once, names the address, and the next one tries again", async () => {
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  const address = server.addresses[0] as string;
  await server.close();
  const channel = dial(address, { backoff: { initialMs: 20, maxMs: 20 } });
  const stub = channel.stub(Probe);
  const error = await failureOf(stub.run({ tag: "a" }, { timeoutMs: 3000 }));
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  assert.ok(error.message.includes(address), error.message);
  const again = await serve(address, [implementProbe(new Tally())]);
  assert.equal((await stub.run({ tag: "b" }, { waitForReady: true })).tag, "b");
  await channel.close();
  await again.close();
});

test("a name that no resolver knows fails the call at once", async () => {
  const error = await failureAt("tcp://no-such-host.invalid:1", { insecure: true });
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "not-executed");
  assert.match(error.message, /no-such-host\.invalid/);
});

test("of several addresses the first that works is used, and all are named when none does", async () => {
  const good = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  const gone = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  const closed = gone.addresses[0] as string;
  await gone.close();
  const banner = await stranger((socket) => void socket.write("SSH-2.0-x\r\n"));
  const channel = dial([closed, banner.address, good.addresses[0] as string]);
  assert.equal((await channel.stub(Probe).run({ tag: "a" })).tag, "a");
  await channel.close();
  await good.close();
  const nothing = dial([closed, banner.address]);
  const error = await failureOf(nothing.stub(Probe).run({ tag: "a" }));
  assert.equal(error.execution, "not-executed");
  await nothing.close();
  await banner.close();
});
