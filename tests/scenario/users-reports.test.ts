// What users of other toolkits reported from production, held here on real sockets and processes: a server that dies
// between its work and its reply, a drain with clients of every kind, more streams than a foreign server takes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dial, implement, serve } from "farcall";
import { message, serverStream, service, string, unary } from "farcall/idl";
import { grpcMessage } from "../support/rpc-peer.ts";
import { failureOf, until, watchProcess } from "../support/rpc-probe.ts";

const Text = message("reports.Text", { text: string(1) });
const Ledger = service("reports.Ledger", { pay: unary(Text, Text), watch: serverStream(Text, Text) });
const program = fileURLToPath(import.meta.url);

/** A child running this file in a role; resolves with it and its first line. */
async function startRole(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise((resolve) => child.once("close", resolve));
  const line = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the child ended with ${code}`)));
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  });
  return { child, gone, line };
}

/** Serves a ledger whose payment is written down, whereupon the process dies without a reply; "safe" ones are answered. */
async function runLedger(address: string, file: string): Promise<void> {
  const pay = ({ text }: { readonly text: string }) => {
    appendFileSync(file, `${text}\n`);
    if (!text.startsWith("safe")) process.kill(process.pid, "SIGKILL");
    return { text };
  };
  const server = await serve(address, [implement(Ledger, { pay }, { partial: true })]);
  process.stdout.write(`${server.addresses[0]}\n`);
}

/** A client with a call and a stream under way that it reads until it is stopped. */
async function runClient(address: string): Promise<void> {
  const { watch, pay } = dial(address).stub(Ledger);
  pay({ text: "never" }, { timeoutMs: Number.POSITIVE_INFINITY }).catch(() => {});
  for await (const { text } of watch({ text: "many" })) if (text === "first") process.stdout.write("reads\n");
}

const roles: { readonly [role: string]: (...args: string[]) => Promise<void> } = {
  ledger: (address, file) => runLedger(address as string, file as string),
  client: (address) => runClient(address as string),
};
const role = process.argv[1] === program ? roles[process.argv[2] ?? ""] : undefined;

if (role !== undefined) await role(...process.argv.slice(3));
else defineTests();

function defineTests(): void {
  test("a server that dies between its work and its reply: unknown, never made again, and the work is there once", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "farcall-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "ledger");
    const watch = watchProcess();
    let server = await startRole("ledger", "tcp://127.0.0.1:0", file);
    const address = server.line;
    const channel = dial(address, { backoff: { initialMs: 10, maxMs: 20 } });
    const { pay } = channel.stub(Ledger);
    await pay({ text: "safe before" });
    for (const text of ["rent", "food"]) {
      const error = await failureOf(pay({ text }));
      assert.deepEqual([error.code, error.phase, error.execution], ["UNAVAILABLE", "sent", "unknown"]);
      await server.gone;
      server = await startRole("ledger", address, file);
      assert.equal((await pay({ text: `safe after ${text}` })).text, `safe after ${text}`);
    }
    const ledger = readFileSync(file, "utf8").split("\n").slice(0, -1);
    assert.deepEqual(ledger, ["safe before", "rent", "safe after rent", "food", "safe after food"]);
    await channel.close();
    server.child.kill("SIGKILL");
    await server.gone;
    await watch.check();
  });

  test("a drain of 2 s with unary, streaming and frozen clients returns by then, and unary replies are delivered", async () => {
    const server = await serve("tcp://127.0.0.1:0", [
      implement(Ledger, {
        pay: ({ text }, call) => call.sleep(text === "never" ? 60_000 : Number(text)).then(() => ({ text })),
        async *watch({ text }, call) {
          yield { text: "first" };
          const filler = "x".repeat(60_000);
          for (;;) {
            if (text !== "many") await call.sleep(20);
            yield { text: filler };
          }
        },
      }),
    ]);
    const address = server.addresses[0] as string;
    const frozen = await startRole("client", address);
    frozen.child.kill("SIGSTOP");
    const channel = dial(address);
    const { pay, watch } = channel.stub(Ledger);
    const replies = Promise.all(["100", "400", "900"].map((text) => pay({ text })));
    const feed = watch({ text: "few" })[Symbol.asyncIterator]();
    await feed.next();
    await until(() => server.snapshot().runningCalls >= 6, "all calls run");

    const startedAt = performance.now();
    await server.drain({ withinMs: 2000 });
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 2900, `it took ${tookMs} ms`);
    assert.deepEqual(
      (await replies).map(({ text }) => text),
      ["100", "400", "900"],
    );
    const ended = await failureOf(
      (async () => {
        for (;;) if ((await feed.next()).done === true) return;
      })(),
    );
    assert.equal(ended.code, "UNAVAILABLE");
    assert.equal(server.snapshot().state, "closed");
    assert.deepEqual(server.snapshot().connections, []);
    frozen.child.kill("SIGKILL");
    await frozen.gone;
    await channel.close();
  });

  test("150 long streams against a foreign server that takes 100 of a connection all run, by a second connection", async () => {
    const foreign = createServer({ settings: { maxConcurrentStreams: 100 } });
    const streams: ServerHttp2Stream[] = [];
    const sessions = new Set<Http2Session>();
    foreign.on("session", (session) => sessions.add(session));
    foreign.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.write(grpcMessage(Text.encode({ text: "first" })));
      streams.push(stream);
    });
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    const channel = dial(`tcp://127.0.0.1:${(foreign.address() as AddressInfo).port}`);
    const feeds = Array.from({ length: 150 }, () => channel.stub(Ledger).watch({})[Symbol.asyncIterator]());
    for (const feed of feeds) assert.equal((await feed.next()).value?.text, "first");
    assert.deepEqual(
      channel.snapshot().connections.map(({ openCalls }) => openCalls),
      [100, 50],
    );
    for (const stream of streams) stream.end(grpcMessage(Text.encode({ text: "last" })));
    for (const feed of feeds) {
      assert.equal((await feed.next()).value?.text, "last");
      assert.equal((await feed.next()).done, true);
    }
    await channel.close();
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => foreign.close(resolve));
  });
}
