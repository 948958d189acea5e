// Services: grpc.health.v1.Health, whether a server and each of its services can do their work. The contract and its rules
// are third_party/grpc/grpc/health/v1/health.proto. It knows no connection; that a server drains it learns from `call.server`.
import { CallError, UsageError } from "../rpc/call-error.ts";
import { type Handlers, type Implementation, implement } from "../rpc/implement.ts";
import type { ServerCall } from "../rpc/server-call.ts";
import type { ServerView } from "../rpc/server-view.ts";
import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponseInit,
  type HealthListRequest,
  type HealthListResponseInit,
} from "./gen/grpc/health/v1/health.ts";
import { serviceLimits } from "./limits.ts";

/** What a program may say of a service. */
export type ServingStatus = "SERVING" | "NOT_SERVING" | "UNKNOWN";

export interface HealthOptions {
  /** Watch calls open at a time, at most; one more gets RESOURCE_EXHAUSTED. Default 100. */
  readonly maxWatches?: number;
  /** Services in an answer of List, at most; with more it gets RESOURCE_EXHAUSTED. Default 1,000. */
  readonly maxListed?: number;
}

/** Health, to be listed among what is served: `serve(address, [..., health])`. */
export interface HealthImplementation extends Implementation {
  /**
   * Says how a service is; `""` is the server as a whole. Until something is said, the server and each service that it
   * serves are SERVING. A server that drains is NOT_SERVING in all, whatever was said.
   */
  setStatus(service: string, status: ServingStatus): void;
  /** Takes back what `setStatus` said. */
  clearStatus(service: string): void;
}

const servingStatuses: readonly ServingStatus[] = ["SERVING", "NOT_SERVING", "UNKNOWN"];

/** Serves health with statuses of the program's own. `serve` serves a plain one by itself. */
export function health(options: HealthOptions = {}): HealthImplementation {
  const handlers = new HealthHandlers(options);
  return {
    ...implement(Health, handlers, { administrative: true }),
    setStatus: (service, status) => handlers.set(service, status),
    clearStatus: (service) => handlers.clear(service),
  };
}

class HealthHandlers implements Handlers<typeof Health.methods> {
  readonly #maxWatches: number;
  readonly #maxListed: number;
  readonly #said = new Map<string, ServingStatus>();
  /** One for each open watch; told of a change of any service. */
  readonly #watches = new Set<Bell>();

  constructor({ maxWatches = serviceLimits.maxWatches, maxListed = serviceLimits.maxListed }: HealthOptions) {
    this.#maxWatches = maxWatches;
    this.#maxListed = maxListed;
  }

  set(service: string, status: ServingStatus): void {
    if (!servingStatuses.includes(status)) {
      throw new UsageError("BAD_OPTION", `${JSON.stringify(status)} is no status; use ${servingStatuses.join(", ")}`);
    }
    this.#said.set(service, status);
    this.#ringAll();
  }

  clear(service: string): void {
    this.#said.delete(service);
    this.#ringAll();
  }

  check({ service }: HealthCheckRequest, { server }: ServerCall): HealthCheckResponseInit {
    const status = this.#statusOf(service, server);
    if (status !== undefined) return { status };
    throw new CallError("NOT_FOUND", `the service ${service} is not known here`);
  }

  list(_request: HealthListRequest, { server }: ServerCall): HealthListResponseInit {
    const names = new Set(["", ...server.services.map(({ typeName }) => typeName), ...this.#said.keys()]);
    if (names.size > this.#maxListed) {
      throw new CallError(
        "RESOURCE_EXHAUSTED",
        `${names.size} services are more than the ${this.#maxListed} of a list`,
      );
    }
    return { statuses: new Map([...names].map((name) => [name, { status: this.#statusOf(name, server) }])) };
  }

  /** Sends the status, and again whenever it is another one. Who reads slowly gets the newest, not each. */
  async *watch(
    { service }: HealthCheckRequest,
    { server, signal }: ServerCall,
  ): AsyncGenerator<HealthCheckResponseInit> {
    if (this.#watches.size >= this.#maxWatches) {
      throw new CallError("RESOURCE_EXHAUSTED", `${this.#maxWatches} watches are open already`);
    }
    const bell = new Bell();
    this.#watches.add(bell);
    signal.addEventListener("abort", bell.ring, { once: true });
    const forget = server.onDrain(bell.ring);
    try {
      for (let sent: string | undefined; !signal.aborted; ) {
        const status = this.#statusOf(service, server) ?? "SERVICE_UNKNOWN";
        if (status !== sent) yield { status };
        sent = status;
        // A watch that went on would hold the drain back to its end.
        if (server.isDraining) throw new CallError("UNAVAILABLE", "the server is shutting down");
        await bell.next();
      }
    } finally {
      this.#watches.delete(bell);
      forget();
    }
  }

  #statusOf(service: string, server: ServerView): ServingStatus | undefined {
    const said = this.#said.get(service);
    const isKnown =
      said !== undefined || service === "" || server.services.some(({ typeName }) => typeName === service);
    if (!isKnown) return undefined;
    return server.isDraining ? "NOT_SERVING" : (said ?? "SERVING");
  }

  #ringAll(): void {
    for (const bell of [...this.#watches]) bell.ring();
  }
}

/** A bell that remembers that it rang. */
class Bell {
  #rang = false;
  #wake: (() => void) | undefined = undefined;

  readonly ring = (): void => {
    this.#rang = true;
    this.#wake?.();
  };

  /** Resolves when it rings; at once when it rang since the last time. */
  async next(): Promise<void> {
    if (!this.#rang) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rang = false;
  }
}
