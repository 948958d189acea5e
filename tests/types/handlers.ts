// What the types of handlers promise for each kind of method, and what they refuse: compiled, never run.
import { CallError, type Handler, type Handlers, implement, type Server, type ServerCall, serve } from "farcall";
import { assertType, type EntryValue, Folders, type Same } from "./contract.ts";

type Methods = (typeof Folders)["methods"];
type Requests<Kind extends keyof Methods> = Parameters<Handler<Methods[Kind]>>[0];
assertType<Same<keyof Handlers<Methods>, "get" | "watch" | "upload" | "sync">>();
assertType<Same<Parameters<Handler<Methods["get"]>>[1], ServerCall>>();
assertType<Same<Requests<"watch">["after"], bigint>>();

/** Plain functions: a value is as good as a promise, an array as good as a generator. */
export const plain = implement(Folders, {
  get: ({ path, after }) => ({ name: path, size: after, content: { kind: "link", value: path } }),
  watch: ({ path }) => [{ name: path }, {}],
  async upload(entries, call) {
    let count = 0;
    for await (const { size } of entries) if ((size satisfies bigint) > 0n) count++;
    call.setTrailers({ "x-count": `${count}` });
    return { count };
  },
  async *sync(entries, { signal, deadline, timeLeftMs, metadata }) {
    for await (const { name, kind } of entries) {
      if (signal.aborted || deadline === undefined || timeLeftMs < 1)
        throw new CallError("ABORTED", String(metadata.get("x")));
      yield { path: name, kind };
    }
  },
});

/** A class: `this` is kept, and it may have more than the handlers. */
class FolderService {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get({ path }: { path: string }): { name: string } {
    return { name: this.#root + path };
  }

  async *watch({ path }: { readonly path: string }): AsyncGenerator<{ name: string }> {
    yield this.get({ path });
  }

  async upload(entries: AsyncIterable<EntryValue>): Promise<{ count: bigint }> {
    let count = 0n;
    for await (const { size } of entries) count += size;
    return { count };
  }

  *sync(): Generator<{ path: string }> {
    yield { path: this.#root };
  }
}
export const fromClass = implement(Folders, new FolderService("/"));
class HalfAService {
  get = (): { name: string } => ({ name: "a" });
}
export const half = implement(Folders, new HalfAService(), { partial: true });
export const none = implement(Folders, {}, { partial: true });

const good: Handlers<Methods> = { get: () => ({}), watch: () => [], upload: () => ({}), sync: () => [] };
// @ts-expect-error handlers are missing
implement(Folders, { get: () => ({}) });
// @ts-expect-error handlers are missing in the class
implement(Folders, new HalfAService());
// @ts-expect-error a handler for no method
implement(Folders, { gett: () => ({}) }, { partial: true });
// @ts-expect-error the reply has another shape
implement(Folders, { ...good, get: () => ({ name: 5 }) });
// @ts-expect-error a string for 64 bits
implement(Folders, { ...good, get: () => ({ size: "5" }) });
// @ts-expect-error the same by way of a promise
implement(Folders, { ...good, get: async () => ({ size: "5" }) });
// @ts-expect-error a handler answers something
implement(Folders, { ...good, get: () => {} });
// @ts-expect-error the request has no such field
implement(Folders, { ...good, get: ({ name }) => ({ name }) });
// @ts-expect-error a stream's handler answers an iterable
implement(Folders, { ...good, watch: () => ({ name: "a" }) });
// @ts-expect-error what a stream yields has another shape
implement(Folders, { ...good, watch: () => [{ name: 5 }] });
async function* numbers(): AsyncGenerator<{ path: number }> {
  yield { path: 5 };
}
// @ts-expect-error the same of a generator
implement(Folders, { ...good, sync: numbers });
// @ts-expect-error a stream of requests is no list
implement(Folders, { ...good, upload: (entries) => ({ count: entries.length }) });
implement(Folders, {
  ...good,
  get(_, call) {
    // @ts-expect-error what a handler is given stays as it is
    call.deadlineAt = 5;
    return {};
  },
});
// @ts-expect-error a method that takes one message answers one
implement(Folders, { ...good, get: () => [{ name: "a" }] });
// @ts-expect-error the same by way of a promise
implement(Folders, { ...good, get: async () => [{ name: "a" }] });
// @ts-expect-error a handler for no method
implement(Folders, { ...good, remove: () => ({}) });
// @ts-expect-error a reply without any field of its message
implement(Folders, { ...good, upload: () => ({ total: 5 }) });
// @ts-expect-error a status that gRPC lacks
new CallError("NOT_FUND", "no such folder");

export const served: Promise<Server> = serve("memory:a", [plain, [fromClass, half]], {
  insecure: true,
  backlog: 5,
  health: false,
  interceptors: [(call, next) => (call.peer.address === "" ? {} : next())],
  onHandlerError: (error, call) => void [error, call.method.name],
  limits: { http2: { maxConcurrentStreams: 5 } },
});
// @ts-expect-error handlers are bound with implement first
serve("memory:a", [good]);
// @ts-expect-error several, even when there is one
serve("memory:a", plain);
// @ts-expect-error no such option
serve("memory:a", [plain], { isInsecure: true });
// @ts-expect-error no such limit
serve("memory:a", [plain], { limits: { http2: { maxStreams: 5 } } });
// @ts-expect-error a client's interceptor sees another call
serve("memory:a", [plain], { interceptors: [(call, next) => (call.waitForReady ? next() : {})] });
