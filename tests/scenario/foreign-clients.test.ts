import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { dial, implement, serve } from "farcall";
import { message, service, string, unary } from "farcall/idl";

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

test("a client that speaks something else is told in HTTP/1.1 what is spoken, and disturbs nobody", async () => {
  const server = await serve("tcp://127.0.0.1:0", [implement(Echo, { echo: (line) => line })]);
  const address = server.addresses[0] as string;
  const channel = dial(address);
  for (const text of ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", "SSH-2.0-client\r\n", "PRI * HTTP/1.0\r\n\r\n"]) {
    const answer = await answerTo(address, text);
    assert.match(answer, /^HTTP\/1\.1 505 /, `to ${JSON.stringify(text)}`);
    assert.match(answer, /gRPC over HTTP\/2/);
    assert.equal((await channel.stub(Echo).echo({ text })).text, text);
  }
  await channel.close();
  await server.close();
});
