// Example, demo: three ways for a call to fail, and what each failure says.
import { type AddressInfo, createServer } from "node:net";
import { CallError, dial } from "farcall";
import { Directories } from "../../directories/gen/directories.ts";
import { Lab } from "../lab.ts";
import { check, formatMs } from "../stage.ts";
import { timed, type World } from "../world.ts";

/** The error that a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  check(error instanceof CallError, "the call fails with a CallError");
  return error;
}

function rowsOf(error: CallError): (readonly [name: string, value: string])[] {
  return [
    ["code", error.code],
    ["message", error.message],
    ["phase", error.phase],
    ["execution", error.execution],
  ];
}

export async function showServerError({ stage, tcp, root }: World): Promise<void> {
  stage.chapter("A failure says what happened");
  const channel = dial(tcp);
  const error = await failureOf(channel.stub(Directories).makeDirectory({ path: "photos" }));
  await channel.close();
  stage.line('makeDirectory({ path: "photos" }) once more:');
  stage.facts(rowsOf(error).filter(([name]) => name !== "phase"));
  check(error.code === "ALREADY_EXISTS", "a directory that exists is ALREADY_EXISTS");
  check(error.message.startsWith("OS returned error: EEXIST"), "the text is the operating system's");
  check(!error.message.includes(root), "the text does not tell where the folder lies on the server");
  check(error.execution === "executed", "the server's own answer is proof that the handler ran");
  stage.say('"executed" is a proof: the server itself said that its handler ran to its end.');
}

export async function showDeadlines({ stage, tcp, server }: World): Promise<void> {
  stage.chapter("A deadline ends a call wherever it is");
  const channel = dial(tcp);
  const slow = await timed(() => failureOf(channel.stub(Lab).nap({ ms: 5000 }, { timeoutMs: 150 })));
  await server.next("nap-began");
  const told = await server.next("nap-cancelled");
  await channel.close();

  // It accepts connections and never says a word.
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const muted = dial(`tcp://127.0.0.1:${(mute.address() as AddressInfo).port}`);
  const unsent = await timed(() => failureOf(muted.stub(Lab).nap({ ms: 5000 }, { timeoutMs: 150 })));
  await muted.close();
  mute.close();

  const rows = [slow, unsent].map(({ result: { code, phase, execution }, ms }) => [
    code,
    phase,
    execution,
    formatMs(ms),
  ]);
  stage.table([
    ["150 ms allowed, for", "code", "phase", "execution", "after"],
    ["a handler of 5 s", ...(rows[0] as string[])],
    ["a server that is mute", ...(rows[1] as string[])],
  ]);
  for (const { result, ms } of [slow, unsent]) {
    check(result.code === "DEADLINE_EXCEEDED", "a call without an answer ends with DEADLINE_EXCEEDED");
    check(ms >= 140 && ms < 1500, `a deadline of 150 ms fires in time, not after ${formatMs(ms)}`);
  }
  check(told.afterMs < 1500, "the handler stops when its call is over, not when its 5 s are");
  check(slow.result.phase === "sent" && slow.result.execution === "unknown", "a sent call may have run: unknown");
  check(unsent.result.phase === "connecting", "a call on a mute server never gets beyond connecting");
  check(unsent.result.execution === "not-executed", "what was never sent was not executed");
  stage.say(`The first handler was told and stopped after ${formatMs(told.afterMs)}: "${told.reason}".`);
  stage.say("Only the second call is safe to repeat, and it says so: nothing of it has left this process.");
}

export async function showCancellation({ stage, tcp, server }: World): Promise<void> {
  stage.chapter("A cancellation reaches the handler");
  const channel = dial(tcp);
  const controller = new AbortController();
  const failure = failureOf(channel.stub(Lab).nap({ ms: 5000 }, { signal: controller.signal }));
  await server.next("nap-began");
  controller.abort();
  const error = await failure;
  const told = await server.next("nap-cancelled");
  await channel.close();
  stage.rows([
    ["client", error.code, error.message],
    ["server", "handler", `stopped after ${formatMs(told.afterMs)} of its 5 s: ${told.reason}`],
  ]);
  check(error.code === "CANCELLED", "a cancelled call ends with CANCELLED");
  check(told.afterMs < 4000, "the handler stops when its call is cancelled, not when its time is over");
}
