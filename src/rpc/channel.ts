// RPC layer: what a program calls through: a channel and its stubs. A stub method is an `async` function that throws after
// its own `await`, so that an error's stack shows the caller without a stack being captured for every call.
// The declarations name Symbol.asyncDispose, which a user's project need not have asked for.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Compressor } from "../host/compression.ts";
import type { Method, Service } from "../marshal/types.ts";
import { UsageError } from "./call-error.ts";
import type { ChannelSnapshot } from "./channel-snapshot.ts";
import type { CallParent, ClientCallOptions } from "./client-call.ts";
import { findCompressor } from "./compressor.ts";
import type { BidiStream, ClientStream, Conversation, ServerStream } from "./conversation.ts";
import { Failure } from "./failure.ts";
import { InterceptedCall, openStream, type StreamBody } from "./intercepted-call.ts";
import { type ClientCallContext, composeInterceptors, type Interceptor } from "./interceptor.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import type { ConnectionPool } from "./pool.ts";
import type { PreparedMethod, Target } from "./protocol.ts";
import { checkRequests } from "./requests.ts";
import { UnaryCall } from "./unary-call.ts";

/** Options of one call. */
export interface CallOptions {
  /**
   * Time for the whole call. Default: what its parent has left, else what the channel gives its method
   * (`ChannelOptions.timeoutMs`); `Infinity` for none.
   */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: MetadataInit;
  /** The call that this one is part of: it ends with it, and has no more time than it. */
  readonly parent?: CallParent;
  /** Wait for a first connection until the deadline, instead of failing when every address has refused. */
  readonly waitForReady?: boolean;
  /** Compresses the messages sent: `gzip`, `deflate`, or `identity` for none. Default: the channel's. */
  readonly compression?: string;
  onHeaders?(metadata: Metadata): void;
  onTrailers?(metadata: Metadata): void;
}

/** A method's stub. */
export type StubMethod<One> = One extends {
  readonly callKind: infer Kind;
  readonly input: { encode(value: infer Init): Uint8Array };
  readonly output: { decode(bytes: Uint8Array): infer Message };
}
  ? Kind extends "unary"
    ? (request: Init, options?: CallOptions) => Promise<Message>
    : Kind extends "serverStream"
      ? (request: Init, options?: CallOptions) => ServerStream<Message>
      : Kind extends "clientStream"
        ? ClientStreamMethod<Init, Message>
        : (requests?: Requests<Init>, options?: CallOptions) => BidiStream<Init, Message>
  : never;

/** Messages to send: anything that can be iterated. */
export type Requests<Init> = AsyncIterable<Init> | Iterable<Init>;

/** With an iterable, a promise of the answer; without one, a call whose messages are pushed. */
export interface ClientStreamMethod<Init, Message> {
  (requests: Requests<Init>, options?: CallOptions): Promise<Message>;
  (requests?: undefined, options?: CallOptions): ClientStream<Init, Message>;
}

/** A stub: one function a method. */
export type Stub<Methods> = { readonly [Name in keyof Methods]: StubMethod<Methods[Name]> };

export interface ChannelOptions {
  /**
   * Deadline of calls that set none. A number holds for methods whose contract says nothing (`Method.defaultTimeoutMs`); a
   * function is asked for each method when a stub is made, and at each `call`, before the method's contract, to which it may
   * leave it by `undefined`. Default 10,000 ms for unary calls, none for streams; `Infinity` for none.
   */
  readonly timeoutMs?: number | ((method: Method) => number | undefined);
  /** Around every call; the first is outermost. */
  readonly interceptors?: readonly Interceptor<ClientCallContext>[];
  readonly waitForReady?: boolean;
  /** Compresses the messages sent: `gzip` or `deflate`. Default: they go as they are. Replies may always be compressed. */
  readonly compression?: string;
}

const defaultTimeoutMs = 10_000;

export class Channel {
  readonly #pool: ConnectionPool;
  readonly #target: Target;
  readonly #timeoutMs: ChannelOptions["timeoutMs"];
  readonly #waitForReady: boolean;
  readonly #compressor: Compressor | undefined;
  readonly #ambientParent: () => CallParent | undefined;
  readonly #prepared = new Map<Method, PreparedMethod>();
  readonly #intercepted: ((call: InterceptedCall, request: unknown) => unknown) | undefined;

  constructor(
    pool: ConnectionPool,
    target: Target,
    options: ChannelOptions & { readonly ambientParent: () => CallParent | undefined },
  ) {
    this.#pool = pool;
    this.#target = target;
    const { timeoutMs } = options;
    this.#timeoutMs = timeoutMs === undefined || typeof timeoutMs === "function" ? timeoutMs : checkTimeout(timeoutMs);
    this.#waitForReady = options.waitForReady ?? false;
    this.#ambientParent = options.ambientParent;
    this.#compressor = findCompressor(pool.compression, options.compression);
    const { interceptors } = options;
    if (interceptors === undefined || interceptors.length === 0) return;
    this.#intercepted = composeInterceptors<InterceptedCall>(interceptors, (call, request) => call.attempt(request));
  }

  /** A stub of a service, or of any record of methods: `{ list: Directories_list }` takes only what it names along. */
  stub<Methods extends { readonly [name: string]: Method }>(of: Service<Methods> | Methods): Stub<Methods> {
    const methods = (isService(of) ? of.methods : of) as Methods;
    const stub: { [name: string]: unknown } = {};
    for (const [name, method] of Object.entries(methods)) stub[name] = this.#bind(method);
    return stub as Stub<Methods>;
  }

  /** Calls a method without a stub. */
  call<One extends Method>(method: One, ...rest: Parameters<StubMethod<One>>): ReturnType<StubMethod<One>> {
    const [request, options] = rest as [unknown, CallOptions | undefined];
    return this.#bind(method)(request, options) as ReturnType<StubMethod<One>>;
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

  #bind(method: Method): (request: unknown, options?: CallOptions) => unknown {
    const prepared = this.#prepare(method);
    const defaultMs = this.#defaultTimeoutOf(method);
    switch (method.callKind) {
      case "unary":
        return this.#bindUnary(prepared, defaultMs);
      case "serverStream":
        return (request, options) => this.#stream(prepared, { message: request }, defaultMs, options);
      case "clientStream":
        return (requests, options) => {
          const body = { requests: requests as Requests<unknown> | undefined };
          const call = this.#stream(prepared, body, defaultMs, options);
          return requests === undefined ? call : call.reply;
        };
      case "bidiStream":
        return (requests, options) =>
          this.#stream(prepared, { requests: requests as Requests<unknown> | undefined }, defaultMs, options);
    }
  }

  /** The deadline of a method's calls for which nobody sets another: the more special word wins, and ours before the contract's. */
  #defaultTimeoutOf(method: Method): number {
    const given = this.#timeoutMs;
    const chosen = typeof given === "function" ? given(method) : undefined;
    if (chosen !== undefined) return checkTimeout(chosen);
    if (method.defaultTimeoutMs !== undefined) return method.defaultTimeoutMs;
    if (typeof given === "number") return given;
    // A stream has a deadline only when somebody set one.
    return method.callKind === "unary" ? defaultTimeoutMs : Number.POSITIVE_INFINITY;
  }

  #bindUnary(
    prepared: PreparedMethod,
    defaultMs: number,
  ): (request: unknown, options?: CallOptions) => Promise<unknown> {
    const start = (request: unknown, options?: CallOptions): Promise<unknown> =>
      this.#unary(prepared, request, defaultMs, options);
    return async function call(request: unknown, options?: CallOptions): Promise<unknown> {
      const answer = await start(request, options);
      if (answer instanceof Failure) throw answer.make();
      return answer;
    };
  }

  #unary(
    prepared: PreparedMethod,
    request: unknown,
    defaultMs: number,
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const call = this.#optionsOf(prepared, request, defaultMs, options);
    if (this.#intercepted === undefined) return new UnaryCall(this.#pool, call).start();
    return new InterceptedCall(this.#pool, call).run(this.#intercepted);
  }

  #stream(
    prepared: PreparedMethod,
    body: StreamBody,
    defaultMs: number,
    options: CallOptions | undefined,
  ): Conversation {
    if (body.requests !== undefined) checkRequests(body.requests);
    const call = this.#optionsOf(prepared, body.message ?? body.requests, defaultMs, options);
    if (this.#intercepted === undefined) return openStream(this.#pool, call, body);
    return new InterceptedCall(this.#pool, call).runStream(this.#intercepted, body);
  }

  #optionsOf(
    prepared: PreparedMethod,
    request: unknown,
    defaultMs: number,
    options: CallOptions | undefined,
  ): ClientCallOptions {
    if (this.#pool.isClosed) throw new UsageError("CHANNEL_CLOSED", `the channel to ${this.#pool.target} is closed`);
    const now = this.#pool.wheel.now();
    const parent = options?.parent ?? this.#ambientParent();
    const own = options?.timeoutMs;
    let timeoutMs = own === undefined ? defaultMs : checkTimeout(own);
    if (parent !== undefined) {
      const leftMs = parent.deadlineAt - now;
      if (leftMs < timeoutMs || (own === undefined && leftMs !== Number.POSITIVE_INFINITY)) timeoutMs = leftMs;
    }
    return {
      prepared,
      request,
      metadata: options?.metadata === undefined ? undefined : new Metadata(options.metadata),
      startedAt: now,
      deadlineAt: now + timeoutMs,
      timeoutMs,
      isDefaultTimeout: timeoutMs === defaultMs,
      signal: options?.signal,
      parent,
      waitForReady: options?.waitForReady ?? this.#waitForReady,
      compressor:
        options?.compression === undefined
          ? this.#compressor
          : findCompressor(this.#pool.compression, options.compression),
      onHeaders: options?.onHeaders,
      onTrailers: options?.onTrailers,
    };
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
