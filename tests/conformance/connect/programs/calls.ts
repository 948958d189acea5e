// Connect's conformance suite: one call of a case as its runner describes it, and what came of it.
/// <reference types="node" />
import { setTimeout as sleep } from "node:timers/promises";
import { CallError, type CallOptions, type Channel, type Metadata } from "farcall";
import type { MessageType } from "farcall/marshal";
import { unpackAny } from "farcall/well-known";
import type { ClientCompatRequest, ClientResponseResultInit } from "./connectrpc/conformance/v1/client_compat.js";
import {
  BidiStreamRequest,
  ClientStreamRequest,
  type ConformancePayload,
  type ConformancePayloadInit,
  ConformanceService,
  IdempotentUnaryRequest,
  ServerStreamRequest,
  UnaryRequest,
  UnimplementedRequest,
} from "./connectrpc/conformance/v1/service.js";
import { toErrorForm, toHeaders, toMetadata } from "./forms.js";

const compressions = {
  COMPRESSION_IDENTITY: "identity",
  COMPRESSION_GZIP: "gzip",
  COMPRESSION_DEFLATE: "deflate",
} as const;

type Answer = { readonly payload?: ConformancePayload | undefined };

interface PushedStream<Init> {
  send(message: Init): Promise<void>;
  end(): void;
  cancel(): void;
}

/** A case while it runs. */
export class Case {
  readonly #request: ClientCompatRequest;
  readonly #stub;
  readonly #abort = new AbortController();
  readonly #payloads: ConformancePayloadInit[] = [];
  #headers: Metadata | undefined = undefined;
  #trailers: Metadata | undefined = undefined;
  #sent = 0;
  #unsent = 0;

  constructor(channel: Channel, request: ClientCompatRequest) {
    this.#request = request;
    this.#stub = channel.stub(ConformanceService);
  }

  /** Makes the call; rejects when the case asks for what cannot be done. */
  async run(): Promise<ClientResponseResultInit> {
    const error = await this.#call().then(
      () => undefined,
      (failure: unknown) => {
        if (failure instanceof CallError) return toErrorForm(failure);
        throw failure;
      },
    );
    return {
      responseHeaders: toHeaders(this.#headers),
      responseTrailers: toHeaders(this.#trailers),
      payloads: this.#payloads,
      error,
      numUnsentRequests: this.#unsent,
    };
  }

  async #call(): Promise<void> {
    const stub = this.#stub;
    const options = this.#options();
    switch (this.#request.method) {
      case "Unary":
        return this.#callOnce((request) => stub.unary(request, options), UnaryRequest);
      case "IdempotentUnary":
        return this.#callOnce((request) => stub.idempotentUnary(request, options), IdempotentUnaryRequest);
      case "Unimplemented":
        return this.#callOnce(async (request) => {
          await stub.unimplemented(request, options);
          return {};
        }, UnimplementedRequest);
      case "ServerStream": {
        const request = await this.#onlyMessage(ServerStreamRequest);
        const stream = stub.serverStream(request, options);
        this.#cancelAfterClose();
        return this.#readAll(stream[Symbol.asyncIterator]());
      }
      case "ClientStream": {
        const stream = stub.clientStream(undefined, options);
        for (const message of this.#messages(ClientStreamRequest)) if (!(await this.#send(stream, message))) break;
        this.#close(stream);
        return this.#note(await stream.reply);
      }
      case "BidiStream": {
        const stream = stub.bidiStream(undefined, options);
        const answers = stream[Symbol.asyncIterator]();
        const alternates = this.#request.streamType === "STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM";
        for (const message of this.#messages(BidiStreamRequest)) {
          if (!(await this.#send(stream, message))) break;
          if (alternates && !(await this.#readOne(answers))) break;
        }
        this.#close(stream);
        return this.#readAll(answers);
      }
      default:
        throw new Error(`the suite's service has no method ${this.#request.method}`);
    }
  }

  #options(): CallOptions {
    const { compression, requestHeaders, timeoutMs } = this.#request;
    if (!Object.hasOwn(compressions, compression)) throw new Error(`${compression} is not spoken here`);
    return {
      compression: compressions[compression as keyof typeof compressions],
      metadata: toMetadata(requestHeaders),
      timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
      signal: this.#abort.signal,
      onHeaders: (metadata) => {
        this.#headers = metadata;
      },
      onTrailers: (metadata) => {
        this.#trailers = metadata;
      },
    };
  }

  async #callOnce<Request>(call: (request: Request) => Promise<Answer>, type: MessageType<Request>): Promise<void> {
    const request = await this.#onlyMessage(type);
    const answer = call(request);
    this.#cancelAfterClose();
    this.#note(await answer);
  }

  *#messages<Request>(type: MessageType<Request>): Generator<Request> {
    for (const any of this.#request.requestMessages) {
      const message = unpackAny(any, type);
      if (message === undefined) throw new Error(`the method takes no ${any.typeUrl}`);
      yield message;
    }
  }

  async #onlyMessage<Request>(type: MessageType<Request>): Promise<Request> {
    const [message, ...more] = this.#messages(type);
    if (message === undefined || more.length > 0) throw new Error("the method takes exactly one message");
    await this.#delay();
    return message;
  }

  async #delay(): Promise<void> {
    if (this.#request.requestDelayMs > 0) await sleep(this.#request.requestDelayMs);
  }

  /** False when the call has ended before: then neither this message nor those behind it are sent. */
  async #send<Init>(stream: PushedStream<Init>, message: Init): Promise<boolean> {
    await this.#delay();
    try {
      await stream.send(message);
      this.#sent++;
      return true;
    } catch {
      this.#unsent = this.#request.requestMessages.length - this.#sent;
      return false;
    }
  }

  #close(stream: PushedStream<never>): void {
    if (this.#request.cancel?.cancelTiming?.kind === "beforeCloseSend") return stream.cancel();
    stream.end();
    this.#cancelAfterClose();
  }

  #cancelAfterClose(): void {
    const { cancel } = this.#request;
    const timing = cancel?.cancelTiming;
    if (cancel === undefined || (timing !== undefined && timing.kind !== "afterCloseSendMs")) return;
    setTimeout(() => this.#abort.abort(), timing?.value ?? 0);
  }

  async #readAll(answers: AsyncIterator<Answer>): Promise<void> {
    while (await this.#readOne(answers)) {
      // All of them are noted.
    }
  }

  /** False at the end of the answers. */
  async #readOne(answers: AsyncIterator<Answer>): Promise<boolean> {
    const result = await answers.next();
    if (result.done === true) return false;
    this.#note(result.value);
    const timing = this.#request.cancel?.cancelTiming;
    if (timing?.kind === "afterNumResponses" && timing.value === this.#payloads.length) this.#abort.abort();
    return true;
  }

  #note({ payload }: Answer): void {
    this.#payloads.push(payload ?? {});
  }
}
