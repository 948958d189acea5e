// Soak: the server, a process of its own. Run as a program (with --expose-gc) it serves, keeps the record of what its
// handlers did, and does what its parent asks: starts its server anew at the same address, tells what it holds, ends.
import { CallError, implement, type ServeOptions, type Server, type ServerCall, serve } from "farcall";
import { numberName, Soak, Work } from "./contract.ts";
import { Record } from "./ledger.ts";
import { sampleProcess } from "./sample.ts";
import type { Answers, Question, ServerSample } from "./server-process.ts";

interface TaskMessage {
  readonly number: number;
  readonly work: number;
  readonly replies: number;
  readonly payload: Uint8Array;
}

const record = new Record();
/** By port of the client: whether a call came from there. */
const ports = new Uint8Array(65_536);

function note(number: number, call: ServerCall): void {
  record.start(number);
  if (number % 8 !== 0) return;
  const { address } = call.peer;
  ports[Number(address.slice(address.lastIndexOf(":") + 1))] = 1;
}

async function act({ work, number }: TaskMessage, call: ServerCall): Promise<void> {
  if (work === Work.sleep) await call.sleep(1 + (number % 4));
  if (work === Work.hold) await call.sleep(60_000);
  if (work === Work.fail) throw new CallError("FAILED_PRECONDITION", "told to fail");
}

async function answerLater(task: TaskMessage, call: ServerCall) {
  try {
    await act(task, call);
    return { number: task.number, payload: task.payload };
  } finally {
    record.settle(task.number);
  }
}

const soak = implement(Soak, {
  ask(task, call) {
    note(task.number, call);
    if (task.work !== Work.answer) return answerLater(task, call);
    record.settle(task.number);
    return { number: task.number, payload: task.payload };
  },
  async *list(task, call) {
    const { number, replies, payload } = task;
    note(number, call);
    try {
      await act(task, call);
      for (let index = 0; index < replies; index++) yield { number, index, payload };
    } finally {
      record.settle(number);
    }
  },
  async gather(tasks, call) {
    const number = Number(call.metadata.get(numberName));
    note(number, call);
    try {
      let count = 0;
      for await (const task of tasks) if (count++ === 0) await act(task, call);
      return { number, index: count };
    } finally {
      record.settle(number);
    }
  },
  async *talk(tasks, call) {
    const number = Number(call.metadata.get(numberName));
    note(number, call);
    try {
      let count = 0;
      for await (const task of tasks) {
        if (count === 0) await act(task, call);
        yield { number, index: count++, payload: task.payload };
      }
    } finally {
      record.settle(number);
    }
  },
});

/** A port below those that clients are given: one of them must not take it while the server is away. */
async function serveAnywhere(options: ServeOptions): Promise<Server> {
  const first = 20_000 + (process.pid % 10_000);
  for (let port = first; ; port++) {
    try {
      return await serve(`tcp://127.0.0.1:${port}`, [soak], options);
    } catch (error) {
      if (port === first + 100) throw error;
    }
  }
}

async function run(options: ServeOptions): Promise<void> {
  const before = await sampleProcess(0);
  let server = await serveAnywhere(options);
  const address = server.addresses[0] as string;
  const answers: { readonly [One in Question]: () => Promise<Answers[One]> } = {
    close: async () => {
      await server.close();
      server = await serve(address, [soak], options);
      return "serves again";
    },
    drain: async () => {
      await server.drain({ withinMs: 100 });
      server = await serve(address, [soak], options);
      return "serves again";
    },
    sample: async (): Promise<ServerSample> => {
      const { connections, openCalls, runningCalls, queuedCalls, bufferedBytes, deadlines } = server.snapshot();
      const rest = { openCalls, runningCalls, queuedCalls, bufferedBytes, deadlines, connections: connections.length };
      return { ...(await sampleProcess(record.ledger.bytes)), ...rest, clientPorts: ports.reduce((a, b) => a + b, 0) };
    },
    record: async () => record.ledger.pages,
    end: async () => {
      await server.close();
      return { before, after: await sampleProcess(record.ledger.bytes) };
    },
  };
  process.on("message", async (question: Question) => void process.send?.(await answers[question]()));
  process.on("disconnect", () => process.exit(0));
  process.send?.(address);
}

await run(JSON.parse(process.argv[2] as string) as ServeOptions);
