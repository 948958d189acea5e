// The real machine: values that follow a call through awaits, by AsyncLocalStorage. On Node 20 an active one makes every
// promise dearer, so none exists before the first `run`.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Ambient } from "../host/index.ts";

export class RealAmbient implements Ambient {
  #storage: AsyncLocalStorage<unknown> | undefined;

  run<Result>(value: unknown, task: () => Result): Result {
    this.#storage ??= new AsyncLocalStorage();
    return this.#storage.run(value, task);
  }

  current(): unknown {
    return this.#storage?.getStore();
  }
}
