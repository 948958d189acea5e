// Soak: one call as its plan says, and how it ended. A reply that belongs to no such call is an error.
import assert from "node:assert/strict";
import { CallError, type CallOptions } from "farcall";
import type { SoakStub } from "./channels.ts";
import { numberName } from "./contract.ts";
import type { Word } from "./ledger.ts";
import { maxPayloadBytes, type Plan } from "./plan.ts";

const payload = new Uint8Array(maxPayloadBytes).fill(7);

interface Ended {
  readonly word: Word;
  /** The call never got to a server: who makes the next one may wait. */
  readonly isUnavailable: boolean;
}

const answered: Ended = { word: "OK", isUnavailable: false };
const left: Ended = { word: "left", isUnavailable: false };

/** Makes the call. Whatever is no `CallError` is thrown. */
export async function makeCall(stub: SoakStub, plan: Plan): Promise<Ended> {
  try {
    const isLeft = await talk(stub, plan);
    return isLeft ? left : answered;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { word: error.execution, isUnavailable: error.code === "UNAVAILABLE" };
  }
}

/** Resolves to whether it left the call before its end. */
function talk(stub: SoakStub, plan: Plan): Promise<boolean> {
  const { number, work, replies, payloadBytes, kind } = plan;
  const task = { number, work, replies, payload: payload.subarray(0, payloadBytes) };
  const controller = plan.ending === "wait" || plan.ending === "leave" ? undefined : new AbortController();
  const options: CallOptions = controller
    ? { timeoutMs: plan.timeoutMs, signal: controller.signal }
    : { timeoutMs: plan.timeoutMs };
  if (plan.ending === "cancel-before") controller?.abort();
  const talking = talks[kind](stub, task, plan, options);
  if (plan.ending === "cancel-at-once") controller?.abort();
  if (plan.ending === "cancel-next-turn") setImmediate(() => controller?.abort());
  return talking;
}

type Task = { readonly number: number; readonly payload: Uint8Array };
type Talk = (stub: SoakStub, task: Task, plan: Plan, options: CallOptions) => Promise<boolean>;
type Reply = { readonly number: number; readonly index: number; readonly payload: Uint8Array };

const talks: { readonly [kind in Plan["kind"]]: Talk } = {
  ask: async (stub, task, _plan, options) => {
    check(await stub.ask(task, options), task, 0);
    return false;
  },
  list: (stub, task, plan, options) => read(stub.list(task, options), task, plan, plan.replies),
  gather: async (stub, task, plan, options) => {
    const metadata = { [numberName]: `${task.number}` };
    const reply = await stub.gather(Array(plan.requests).fill(task), { ...options, metadata });
    assert.deepEqual([reply.number, reply.index], [task.number, plan.requests]);
    return false;
  },
  talk: (stub, task, plan, options) => {
    const metadata = { [numberName]: `${task.number}` };
    const replies = stub.talk(Array(plan.requests).fill(task), { ...options, metadata });
    return read(replies, task, plan, plan.requests);
  },
};

async function read(replies: AsyncIterable<Reply>, task: Task, plan: Plan, count: number): Promise<boolean> {
  let index = 0;
  for await (const reply of replies) {
    check(reply, task, index++);
    if (plan.ending === "leave") return true;
  }
  assert.equal(index, count, `call ${task.number} had ${index} replies, not ${count}`);
  return false;
}

function check(reply: Reply, { number, payload }: Task, index: number): void {
  const isRight = reply.number === number && reply.index === index && reply.payload.length === payload.length;
  if (isRight) return;
  assert.fail(`call ${number} got reply ${reply.index} of call ${reply.number}, ${reply.payload.length} bytes`);
}
