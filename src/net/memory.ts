// The real machine: `memory:` endpoints, pairs of sockets within one process. Everything arrives in a later turn of the
// event loop, after timers and other sockets had theirs, so that two chatting ends starve nobody.
import {
  createLink,
  type Endpoint,
  formatEndpoint,
  type Listener,
  type ListenReceiver,
  SocketFault,
  type StreamSocket,
  type Wire,
} from "../host/index.ts";

type MemoryEndpoint = Extract<Endpoint, { readonly kind: "memory" }>;

/** A wire that loses nothing and takes one turn of the event loop. */
class TurnWire implements Wire {
  #tasks: (() => void)[] = [];

  soon(task: () => void): void {
    if (this.#tasks.push(task) === 1) setImmediate(this.#run);
  }

  carry(arrive: () => void): void {
    this.soon(arrive);
  }

  carryOnce(arrive: () => void): void {
    this.soon(arrive);
  }

  readonly #run = (): void => {
    const tasks = this.#tasks;
    this.#tasks = [];
    let next = 0;
    try {
      while (next < tasks.length) (tasks[next++] as () => void)();
    } finally {
      // A callback that throws takes no other with it.
      for (const task of tasks.slice(next)) this.soon(task);
    }
  };
}

/** The `memory:` names of one machine. */
export class MemoryNetwork {
  readonly #receivers = new Map<string, ListenReceiver>();
  readonly #wire = new TurnWire();

  /** Opens a connection. Throws a `SocketFault`. */
  connect(endpoint: MemoryEndpoint): StreamSocket {
    const receiver = this.#receivers.get(endpoint.name);
    if (receiver === undefined) {
      const address = formatEndpoint(endpoint);
      throw new SocketFault("refused", `nothing listens at ${address} in this process`, { address });
    }
    const side = { local: endpoint, wire: this.#wire };
    const [client, server] = createLink(side, side);
    this.#wire.soon(() => receiver.onConnection(server));
    return client;
  }

  /** Takes a name. Throws a `SocketFault`. */
  listen(endpoint: MemoryEndpoint, receiver: ListenReceiver): Listener {
    const { name } = endpoint;
    if (this.#receivers.has(name)) {
      const address = formatEndpoint(endpoint);
      throw new SocketFault("address-in-use", `${address} is in use in this process; choose another name`, { address });
    }
    this.#receivers.set(name, receiver);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      if (closing === undefined) this.#receivers.delete(name);
      closing ??= Promise.resolve();
      return closing;
    };
    return { local: endpoint, close };
  }
}
