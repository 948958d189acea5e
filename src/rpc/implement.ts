// RPC layer: a skeleton: the functions of a program bound to the methods of a service.
import type { Method, Service } from "../marshal/types.ts";
import { UsageError } from "./call-error.ts";
import type { BoundMethod, ServerCall } from "./server-call.ts";

/** What a method's handler looks like; a plain value is as good as a promise, an array as good as a generator. */
export type Handler<One> = One extends {
  readonly callKind: infer Kind;
  readonly input: { decode(bytes: Uint8Array): infer Message };
  readonly output: { encode(value: infer Init): Uint8Array };
}
  ? Kind extends "unary"
    ? (request: Message, call: ServerCall) => Init | Promise<Init>
    : Kind extends "serverStream"
      ? (request: Message, call: ServerCall) => Replies<Init> | Promise<Replies<Init>>
      : Kind extends "clientStream"
        ? (requests: AsyncIterableIterator<Message>, call: ServerCall) => Init | Promise<Init>
        : (requests: AsyncIterableIterator<Message>, call: ServerCall) => Replies<Init> | Promise<Replies<Init>>
  : never;

/** What a streaming handler answers: an async generator, or anything else that can be iterated. */
export type Replies<Init> = AsyncIterable<Init> | Iterable<Init>;

/** All handlers of a service; a class instance will do. */
export type Handlers<Methods> = { readonly [Name in keyof Methods]: Handler<Methods[Name]> };

/** A service that can be served. */
export interface Implementation {
  readonly kind: "implementation";
  readonly service: Service;
  /** By path. */
  readonly methods: ReadonlyMap<string, BoundMethod>;
}

export interface ImplementOptions {
  /**
   * The service tells of its server, as health and reflection do: its calls take no slot of `maxConcurrentCalls`, and wait
   * for none. Default false.
   */
  readonly administrative?: boolean;
}

/**
 * Binds handlers to a service. A missing one is a `UsageError`, unless `partial` is set: then it answers UNIMPLEMENTED.
 * Handlers are called as methods of `handlers`: `this` is kept.
 */
export function implement<Methods extends { readonly [name: string]: Method }>(
  service: Service<Methods>,
  handlers: Handlers<Methods>,
  options?: ImplementOptions & { readonly partial?: false },
): Implementation;
export function implement<Methods extends { readonly [name: string]: Method }>(
  service: Service<Methods>,
  handlers: Partial<Handlers<Methods>>,
  options: ImplementOptions & { readonly partial: true },
): Implementation;
export function implement(
  service: Service,
  handlers: { readonly [name: string]: unknown },
  options: ImplementOptions & { readonly partial?: boolean } = {},
): Implementation {
  const methods = new Map<string, BoundMethod>();
  for (const [name, method] of Object.entries(service.methods)) {
    const handler = handlers[name];
    if (handler !== undefined && typeof handler !== "function") {
      throw new UsageError("NOT_A_HANDLER", `${service.typeName}: ${name} is ${typeof handler}, not a function`);
    }
    if (handler === undefined && options.partial !== true) {
      const fix = "add it, or pass { partial: true } to answer UNIMPLEMENTED";
      throw new UsageError("MISSING_HANDLER", `${service.typeName}: there is no handler for ${name}; ${fix}`);
    }
    const bound = handler as ((request: unknown, call: ServerCall) => unknown) | undefined;
    methods.set(method.path, {
      method,
      handler: bound === undefined ? undefined : (request, call) => bound.call(handlers, request, call),
      isAdministrative: options.administrative === true,
    });
  }
  return { kind: "implementation", service, methods };
}
