// When a process ends by itself: not while a call is open, whatever it waits for, and soon after the last one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const begin = `
  import { dial, implement, serve } from "farcall";
  import { clientStream, message, service, string, unary } from "farcall/idl";
  const Text = message("life.Text", { text: string(1) });
  const Life = service("life.Life", { wait: unary(Text, Text), echo: unary(Text, Text), gather: clientStream(Text, Text) });
  const never = new Promise(() => {});
  await serve("memory:life", [implement(Life, { wait: () => never, echo: (text) => text, gather: () => never })]);
  const tell = (error) => console.log(error.code, error.phase);
`;

async function run(program: string): Promise<string> {
  const options = { timeout: 20_000 };
  const done = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", `${begin}${program}`],
    options,
  );
  assert.equal(done.stderr, "");
  return done.stdout.trim();
}

const waits: { readonly [what: string]: readonly [program: string, told: string] } = {
  "a handler in memory": ["dial('memory:life').stub(Life).wait({}, { timeoutMs: 100 })", "DEADLINE_EXCEEDED sent"],
  "a stream in memory": ["dial('memory:life').stub(Life).gather([], { timeoutMs: 100 })", "DEADLINE_EXCEEDED sent"],
  "a resolver that says nothing": [
    "dial({ start: () => ({ stop() {} }) }).stub(Life).echo({}, { timeoutMs: 100 })",
    "DEADLINE_EXCEEDED resolving",
  ],
  "an interceptor that does not go on": [
    "dial('memory:life', { interceptors: [() => never] }).stub(Life).echo({}, { timeoutMs: 100 })",
    "DEADLINE_EXCEEDED queued",
  ],
};

for (const [what, [program, told]] of Object.entries(waits)) {
  test(`a process whose call waits for ${what} lives until the call's deadline, and no longer`, async () => {
    assert.equal(await run(`await ${program}.catch(tell);`), told);
  });
}

test("a process with idle channels and servers in memory ends", async () => {
  const program = `
    const { echo } = dial('memory:life').stub(Life);
    console.log((await echo({ text: "a" })).text);
    dial('tcp://127.0.0.1:9');
  `;
  assert.equal(await run(program), "a");
});
