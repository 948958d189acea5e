// RPC layer: what a program calls through: a channel and its stubs. A stub method is an `async` function that throws after
// its own `await`, so that an error's stack shows the caller without a stack being captured for every call.
import type { Method, Service } from "../marshal/types.ts";
import { UsageError } from "./call-error.ts";
import { type CallParent, ClientCall, type ClientCallOptions, Failure } from "./client-call.ts";
import { type ClientCallContext, composeInterceptors, type Interceptor } from "./interceptor.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import type { ChannelSnapshot, ConnectionPool } from "./pool.ts";
import type { PreparedMethod, Target } from "./protocol.ts";
import { RetriedCall } from "./retried-call.ts";

/** Options of one call. */
export interface CallOptions {
  /** Time for the whole call. Default: the parent's, else the channel's, else 10,000 ms; `Infinity` for none. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: MetadataInit;
  /** The call that this one is part of: it ends with it, and has no more time than it. */
  readonly parent?: CallParent;
  /** Wait for a first connection until the deadline, instead of failing when every address has refused. */
  readonly waitForReady?: boolean;
  onHeaders?(metadata: Metadata): void;
  onTrailers?(metadata: Metadata): void;
}

/** A method's stub. */
export type StubMethod<One> = One extends {
  readonly callKind: "unary";
  readonly input: { encode(value: infer Init): Uint8Array };
  readonly output: { decode(bytes: Uint8Array): infer Message };
}
  ? (request: Init, options?: CallOptions) => Promise<Message>
  : never;

/** The names of the unary methods in a record of methods. */
type UnaryNames<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends { readonly callKind: "unary" } ? Name : never;
}[keyof Methods];

/** A stub: one function a method. */
export type Stub<Methods> = { readonly [Name in UnaryNames<Methods>]: StubMethod<Methods[Name]> };

export interface ChannelOptions {
  /** Deadline of calls that set none. Default 10,000 ms; `Infinity` for none. */
  readonly timeoutMs?: number;
  /** Around every call; the first is outermost. */
  readonly interceptors?: readonly Interceptor<ClientCallContext>[];
  readonly waitForReady?: boolean;
}

const defaultTimeoutMs = 10_000;

export class Channel {
  readonly #pool: ConnectionPool;
  readonly #target: Target;
  readonly #timeoutMs: number;
  readonly #waitForReady: boolean;
  readonly #ambientParent: () => CallParent | undefined;
  readonly #prepared = new Map<Method, PreparedMethod>();
  readonly #intercepted: ((call: RetriedCall, request: unknown) => unknown) | undefined;

  constructor(
    pool: ConnectionPool,
    target: Target,
    options: ChannelOptions & { readonly ambientParent: () => CallParent | undefined },
  ) {
    this.#pool = pool;
    this.#target = target;
    this.#timeoutMs = checkTimeout(options.timeoutMs ?? defaultTimeoutMs);
    this.#waitForReady = options.waitForReady ?? false;
    this.#ambientParent = options.ambientParent;
    const { interceptors } = options;
    if (interceptors === undefined || interceptors.length === 0) return;
    this.#intercepted = composeInterceptors<RetriedCall>(interceptors, (call, request) => call.attempt(request));
  }

  /** A stub of a service, or of any record of methods: `{ list: Directories_list }` takes only what it names along. */
  stub<Methods extends { readonly [name: string]: Method }>(of: Service<Methods> | Methods): Stub<Methods> {
    const methods = (isService(of) ? of.methods : of) as Methods;
    const stub: { [name: string]: unknown } = {};
    for (const [name, method] of Object.entries(methods)) {
      if (method.callKind === "unary") stub[name] = this.#bind(this.#prepare(method));
    }
    return stub as Stub<Methods>;
  }

  /** Calls a method without a stub. */
  call<One extends Method<"unary">>(
    method: One,
    request: Parameters<StubMethod<One>>[0],
    options?: CallOptions,
  ): ReturnType<StubMethod<One>> {
    return this.#bind(this.#prepare(method))(request, options) as ReturnType<StubMethod<One>>;
  }

  /** A picture of connections, calls and queues, as they are now. */
  snapshot(): ChannelSnapshot {
    return this.#pool.snapshot();
  }

  /** Ends every call with CANCELLED and closes every connection. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #prepare(method: Method): PreparedMethod {
    let prepared = this.#prepared.get(method);
    if (prepared === undefined) {
      prepared = this.#pool.protocol.prepare(method, this.#target);
      this.#prepared.set(method, prepared);
    }
    return prepared;
  }

  #bind(prepared: PreparedMethod): (request: unknown, options?: CallOptions) => Promise<unknown> {
    const start = (request: unknown, options?: CallOptions): Promise<unknown> =>
      this.#start(prepared, request, options);
    return async function call(request: unknown, options?: CallOptions): Promise<unknown> {
      const answer = await start(request, options);
      if (answer instanceof Failure) throw answer.make();
      return answer;
    };
  }

  #start(prepared: PreparedMethod, request: unknown, options: CallOptions | undefined): Promise<unknown> {
    if (this.#pool.isClosed) throw new UsageError("CHANNEL_CLOSED", `the channel to ${this.#pool.target} is closed`);
    const now = this.#pool.wheel.now();
    const parent = options?.parent ?? this.#ambientParent();
    const own = options?.timeoutMs;
    let timeoutMs = own === undefined ? this.#timeoutMs : checkTimeout(own);
    const parentLeftMs = parent === undefined ? Number.POSITIVE_INFINITY : parent.deadlineAt - now;
    if (own === undefined && parentLeftMs !== Number.POSITIVE_INFINITY) timeoutMs = parentLeftMs;
    else if (parentLeftMs < timeoutMs) timeoutMs = parentLeftMs;
    const call: ClientCallOptions = {
      prepared,
      request,
      metadata: options?.metadata === undefined ? undefined : new Metadata(options.metadata),
      deadlineAt: now + timeoutMs,
      timeoutMs,
      isDefaultTimeout: timeoutMs === this.#timeoutMs,
      signal: options?.signal,
      parent,
      waitForReady: options?.waitForReady ?? this.#waitForReady,
      onHeaders: options?.onHeaders,
      onTrailers: options?.onTrailers,
    };
    if (this.#intercepted === undefined) return new ClientCall(this.#pool, call).start();
    return new RetriedCall(this.#pool, call).run(this.#intercepted);
  }
}

function isService<Methods extends { readonly [name: string]: Method }>(
  of: Service<Methods> | Methods,
): of is Service<Methods> {
  return (of as { readonly kind?: unknown }).kind === "service";
}

function checkTimeout(timeoutMs: number): number {
  if (typeof timeoutMs === "number" && !Number.isNaN(timeoutMs)) return timeoutMs;
  throw new UsageError(
    "BAD_OPTION",
    `timeoutMs is ${String(timeoutMs)}; give milliseconds, or Infinity for no deadline`,
  );
}
