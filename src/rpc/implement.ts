// RPC layer: a skeleton: the functions of a program bound to the methods of a service.
import type { Method, Service } from "../marshal/types.ts";
import { UsageError } from "./call-error.ts";
import type { BoundMethod, ServerCall } from "./server-call.ts";

/** What a unary method's handler looks like; a plain value is as good as a promise. */
export type Handler<One> = One extends {
  readonly callKind: "unary";
  readonly input: { decode(bytes: Uint8Array): infer Message };
  readonly output: { encode(value: infer Init): Uint8Array };
}
  ? (request: Message, call: ServerCall) => Init | Promise<Init>
  : never;

type UnaryNames<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends { readonly callKind: "unary" } ? Name : never;
}[keyof Methods];

/** All handlers of a service; a class instance will do. */
export type Handlers<Methods> = { readonly [Name in UnaryNames<Methods>]: Handler<Methods[Name]> };

/** A service that can be served. */
export interface Implementation {
  readonly kind: "implementation";
  readonly service: Service;
  /** By path. */
  readonly methods: ReadonlyMap<string, BoundMethod>;
}

/**
 * Binds handlers to a service. A missing one is a `UsageError`, unless `partial` is set: then it answers UNIMPLEMENTED.
 * Handlers are called as methods of `handlers`: `this` is kept.
 */
export function implement<Methods extends { readonly [name: string]: Method }>(
  service: Service<Methods>,
  handlers: Handlers<Methods>,
): Implementation;
export function implement<Methods extends { readonly [name: string]: Method }>(
  service: Service<Methods>,
  handlers: Partial<Handlers<Methods>>,
  options: { readonly partial: true },
): Implementation;
export function implement(
  service: Service,
  handlers: { readonly [name: string]: unknown },
  options: { readonly partial?: boolean } = {},
): Implementation {
  const methods = new Map<string, BoundMethod>();
  for (const [name, method] of Object.entries(service.methods)) {
    const handler = handlers[name];
    if (handler !== undefined && typeof handler !== "function") {
      throw new UsageError("NOT_A_HANDLER", `${service.typeName}: ${name} is ${typeof handler}, not a function`);
    }
    if (handler === undefined && options.partial !== true && method.callKind === "unary") {
      const fix = "add it, or pass { partial: true } to answer UNIMPLEMENTED";
      throw new UsageError("MISSING_HANDLER", `${service.typeName}: there is no handler for ${name}; ${fix}`);
    }
    const bound = handler as ((request: unknown, call: ServerCall) => unknown) | undefined;
    methods.set(method.path, {
      method,
      handler: bound === undefined ? undefined : (request, call) => bound.call(handlers, request, call),
    });
  }
  return { kind: "implementation", service, methods };
}
