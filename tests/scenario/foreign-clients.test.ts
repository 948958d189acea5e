import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { dial, implement, serve } from "farcall";
import { message, service, string, unary } from "farcall/idl";
import { FrameParser } from "../support/http2-frames.ts";

const Line = message("foreign.Line", { text: string(1) });
const Echo = service("foreign.Echo", { echo: unary(Line, Line) });

/** What a server answers to `text`, until it closes. */
function answerTo(address: string, text: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

function formatGoAway(answer: string): string {
  const [{ type, code, debug } = {}] = new FrameParser().parse(Buffer.from(answer, "latin1"));
  return `${type} ${code} ${debug}`;
}

test("a client that speaks HTTP/1.1 is told in it what is spoken, any other is cut off, and none disturbs", async () => {
  const server = await serve("tcp://127.0.0.1:0", [implement(Echo, { echo: (line) => line })]);
  const address = server.addresses[0] as string;
  const channel = dial(address);
  const http1 = /^HTTP\/1\.1 505 [\s\S]*gRPC over HTTP\/2/;
  const cut = /^GOAWAY PROTOCOL_ERROR the client's first bytes/;
  const rows = [
    ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", http1],
    ["PRI * HTTP/1.0\r\n\r\n", http1],
    ["SSH-2.0-client\r\n", cut],
    ["INVALID CONNECTION PREFACE\r\n\r\n", cut],
  ] as const;
  for (const [text, told] of rows) {
    const answer = await answerTo(address, text);
    assert.match(answer.startsWith("\0") ? formatGoAway(answer) : answer, told, `to ${JSON.stringify(text)}`);
    assert.equal((await channel.stub(Echo).echo({ text })).text, text);
  }
  await channel.close();
  await server.close();
});
