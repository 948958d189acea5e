// Connect's conformance suite: the service that its clients call. Each request says what is answered; the answers say what
// was seen of the request.
import { implement, type ServerCall } from "farcall";
import { type Any, packAny } from "farcall/well-known";
import {
  BidiStreamRequest,
  type BidiStreamResponseInit,
  ClientStreamRequest,
  type ConformancePayloadInit,
  ConformanceService,
  IdempotentUnaryRequest,
  ConformancePayload_RequestInfo as RequestInfo,
  type ConformancePayload_RequestInfoInit as RequestInfoInit,
  ServerStreamRequest,
  type StreamResponseDefinition,
  UnaryRequest,
  type UnaryResponseDefinition,
} from "./connectrpc/conformance/v1/service.js";
import { toCallError, toHeaders, toMetadata } from "./forms.js";

/** What the server saw of a call. */
function describe(call: ServerCall, requests: readonly Any[]): RequestInfoInit {
  const { timeLeftMs } = call;
  return {
    requestHeaders: toHeaders(call.metadata),
    timeoutMs: Number.isFinite(timeLeftMs) ? BigInt(Math.max(0, Math.floor(timeLeftMs))) : undefined,
    requests,
  };
}

async function pause(call: ServerCall, ms: number): Promise<void> {
  if (ms > 0) await call.sleep(ms);
}

type Metadatas = Pick<UnaryResponseDefinition, "responseHeaders" | "responseTrailers">;

function sendMetadata(call: ServerCall, { responseHeaders, responseTrailers }: Metadatas): void {
  call.sendHeaders(toMetadata(responseHeaders));
  call.setTrailers(toMetadata(responseTrailers));
}

/** Answers with one message. */
async function answerOnce(
  definition: UnaryResponseDefinition | undefined,
  call: ServerCall,
  requests: readonly Any[],
): Promise<{ payload: ConformancePayloadInit }> {
  if (definition === undefined) return { payload: { requestInfo: describe(call, requests) } };
  sendMetadata(call, definition);
  await pause(call, definition.responseDelayMs);
  const requestInfo = describe(call, requests);
  const { response } = definition;
  if (response?.kind === "error") throw toCallError(response.value, { type: RequestInfo, message: requestInfo });
  return { payload: { data: response?.value, requestInfo } };
}

/** A streamed answer: where it stands, and what follows. */
class Answers {
  readonly #definition: StreamResponseDefinition;
  readonly #call: ServerCall;
  #sent = 0;

  constructor(definition: StreamResponseDefinition, call: ServerCall) {
    this.#definition = definition;
    this.#call = call;
    sendMetadata(call, definition);
  }

  get atEnd(): boolean {
    return this.#sent >= this.#definition.responseData.length;
  }

  /** The next answer; the first says all that was seen, `requests` among it, the others what `later` says. */
  async next(requests: readonly Any[], later?: RequestInfoInit): Promise<{ payload: ConformancePayloadInit }> {
    await pause(this.#call, this.#definition.responseDelayMs);
    const requestInfo = this.#sent === 0 ? describe(this.#call, requests) : later;
    return { payload: { data: this.#definition.responseData[this.#sent++], requestInfo } };
  }

  /** The answers that are left, and the ending. */
  async *rest(requests: readonly Any[]): AsyncGenerator<{ payload: ConformancePayloadInit }> {
    while (!this.atEnd) yield await this.next(requests);
    const { error } = this.#definition;
    if (error === undefined) return;
    if (this.#sent > 0) throw toCallError(error);
    throw toCallError(error, { type: RequestInfo, message: describe(this.#call, requests) });
  }
}

async function* answerBidi(
  requests: AsyncIterable<BidiStreamRequest>,
  call: ServerCall,
): AsyncGenerator<BidiStreamResponseInit> {
  let answers: Answers | undefined;
  let fullDuplex: boolean | undefined;
  let seen: Any[] = [];
  for await (const request of requests) {
    seen.push(packAny(BidiStreamRequest, request));
    if (fullDuplex === undefined) {
      fullDuplex = request.fullDuplex;
      const { responseDefinition } = request;
      if (responseDefinition !== undefined) answers = new Answers(responseDefinition, call);
    }
    if (!fullDuplex) continue;
    if (answers === undefined || answers.atEnd) break;
    yield await answers.next(seen, { requests: seen });
    seen = [];
  }
  if (answers !== undefined) yield* answers.rest(seen);
}

export const conformanceService = implement(
  ConformanceService,
  {
    unary: (request, call) => answerOnce(request.responseDefinition, call, [packAny(UnaryRequest, request)]),
    idempotentUnary: (request, call) =>
      answerOnce(request.responseDefinition, call, [packAny(IdempotentUnaryRequest, request)]),
    async clientStream(requests, call) {
      const seen: ClientStreamRequest[] = [];
      for await (const request of requests) seen.push(request);
      const packed = seen.map((request) => packAny(ClientStreamRequest, request));
      return answerOnce(seen[0]?.responseDefinition, call, packed);
    },
    serverStream(request, call) {
      const { responseDefinition } = request;
      if (responseDefinition === undefined) return [];
      return new Answers(responseDefinition, call).rest([packAny(ServerStreamRequest, request)]);
    },
    bidiStream: answerBidi,
  },
  { partial: true },
);
