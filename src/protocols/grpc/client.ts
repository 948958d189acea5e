// gRPC: the client's side of a call on an exchange (PROTOCOL-HTTP2.md). It turns fields and body into messages and an
// ending; it keeps no time and retries nothing.
import type { Compression, Compressor } from "../../host/compression.ts";
import type { HttpConnection } from "../../http/connection.ts";
import type { Exchange, ExchangeOwner, ExchangeReset } from "../../http/exchange.ts";
import { type Fields, FieldTemplate } from "../../http/fields.ts";
import type { Codec, Method } from "../../marshal/types.ts";
import type { AttemptProof } from "../../rpc/execution.ts";
import type {
  CallStart,
  ClientProtocol,
  Ending,
  PreparedMethod,
  ReplyEvents,
  RequestStream,
  Target,
} from "../../rpc/protocol.ts";
import type { StatusCode } from "../../rpc/status.ts";
import { checkMetadataSize } from "./field-size.ts";
import { IncomingMessages } from "./incoming-messages.ts";
import { grpcLimits } from "./limits.ts";
import type { MessageFault } from "./message-reader.ts";
import { beginMessage, endMessage } from "./message-writer.ts";
import { appendMetadata, readMetadata } from "./metadata-fields.ts";
import { acceptEncodingName, contentType, encodingName, prefixBytes, statusName, timeoutName } from "./names.ts";
import { readHead, readVerdict, type Verdict } from "./reply-fields.ts";
import { codeOfReset } from "./status-map.ts";
import { formatTimeout } from "./timeout.ts";

export interface GrpcClientOptions {
  /** Bytes of one received message, at most. */
  readonly maxMessageBytes: number;
  readonly userAgent: string;
  /** What replies may be compressed with. */
  readonly compression: Compression;
}

interface PreparedGrpcMethod extends PreparedMethod {
  readonly template: FieldTemplate;
  /** With the `grpc-timeout` of the calls that take the channel's own deadline; made at the first of them. */
  timed: { readonly timeoutMs: number; readonly template: FieldTemplate } | undefined;
}

/** An answer that is no gRPC, and the beginning of its body. */
interface Foreign {
  readonly verdict: { readonly code: StatusCode; readonly message: string };
  text: string;
}

export function createGrpcClient(options: GrpcClientOptions): ClientProtocol {
  return {
    prepare: (method, target) => prepareMethod(method, target, options),
    checkMetadata: (connection, metadata) => checkMetadataSize(metadata, connection.maxFieldListBytes),
    open(connection, prepared, start, events) {
      return new GrpcClientStream(connection, prepared as PreparedGrpcMethod, { start, events, options });
    },
    readMetadata,
  };
}

function prepareMethod(method: Method, target: Target, options: GrpcClientOptions): PreparedGrpcMethod {
  const { userAgent, compression } = options;
  const list = [
    ...[":method", "POST", ":scheme", target.scheme, ":path", method.path, ":authority", target.authority],
    ...["te", "trailers", "content-type", contentType, "user-agent", userAgent],
    ...[acceptEncodingName, ["identity", ...compression.names].join(",")],
  ];
  return { method, template: new FieldTemplate(list), timed: undefined };
}

class GrpcClientStream extends IncomingMessages implements RequestStream, ExchangeOwner {
  readonly exchange: Exchange;
  readonly #connection: HttpConnection;
  readonly #events: ReplyEvents;
  readonly #options: GrpcClientOptions;
  #ended = false;
  readonly #keepsSent: boolean;
  readonly #compressor: Compressor | undefined;
  /** What the replies' head says they are compressed with. */
  #replyCompressor: Compressor | undefined = undefined;
  #sent: Uint8Array | undefined = undefined;
  /** A body that is no gRPC: its beginning goes into the error. */
  #foreign: Foreign | undefined = undefined;

  constructor(
    connection: HttpConnection,
    prepared: PreparedGrpcMethod,
    call: { readonly start: CallStart; readonly events: ReplyEvents; readonly options: GrpcClientOptions },
  ) {
    super(call.options.maxMessageBytes);
    this.#connection = connection;
    this.#events = call.events;
    this.#options = call.options;
    this.exchange = connection.open(this);
    const { metadata, timeoutMs, isDefaultTimeout, compressor } = call.start;
    this.#keepsSent = call.start.keepsSent;
    this.#compressor = compressor;
    if (isDefaultTimeout && metadata === undefined && compressor === undefined) {
      this.exchange.head(timedTemplate(prepared, timeoutMs), undefined, false);
      return;
    }
    const extra: string[] = compressor === undefined ? [] : [encodingName, compressor.name];
    if (metadata !== undefined) appendMetadata(extra, metadata);
    // Last, because it differs from call to call: what comes before it can be recognised.
    if (timeoutMs !== Number.POSITIVE_INFINITY) extra.push(timeoutName, formatTimeout(timeoutMs));
    this.exchange.head(prepared.template, extra, false);
  }

  send<Init>(codec: Codec<unknown, Init>, value: Init, last: boolean): "sent" | "held" {
    const writer = this.exchange.begin();
    const from = beginMessage(writer);
    try {
      codec.encode(value, writer);
    } catch (error) {
      this.exchange.abandon();
      throw error;
    }
    if (this.#keepsSent) this.#sent = writer.bytes.slice(writer.mark + from + prefixBytes, writer.position);
    endMessage(writer, from, this.#compressor);
    return this.exchange.commit(last);
  }

  sendBytes(bytes: Uint8Array, last: boolean): "sent" | "held" {
    const writer = this.exchange.begin();
    const from = beginMessage(writer);
    writer.writeBytes(bytes);
    endMessage(writer, from, this.#compressor);
    if (this.#keepsSent) this.#sent = bytes;
    return this.exchange.commit(last);
  }

  takeSent(): Uint8Array | undefined {
    return this.#sent;
  }

  finish(): void {
    if (!this.#ended) this.exchange.finish();
  }

  cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.exchange.reset("CANCEL");
  }

  headPassed(): boolean {
    return this.exchange.headPassed();
  }

  onHead(fields: Fields, last: boolean): void {
    if (this.#ended) return;
    if (last) return this.#endWith(fields, readVerdict(fields));
    const { foreign, fault, encoding } = readHead(fields, this.#options.compression);
    if (foreign !== undefined) {
      this.#foreign = { verdict: foreign, text: "" };
      return;
    }
    if (fault !== undefined) return this.#end(fault.code, fault.message, "none", undefined);
    if (encoding !== undefined) this.#replyCompressor = this.#options.compression.find(encoding);
    this.#events.onHead(fields);
  }

  onBody(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    if (this.#ended) return this.dropBody(end - start);
    if (this.#foreign === undefined) this.readBody(bytes, start, end);
    else {
      this.dropBody(end - start);
      this.#foreign.text += beginningOf(bytes, start, end);
      // The rest of it is of no use, and it may have no end.
      if (this.#foreign.text.length >= maxForeignChars) return this.#endForeign(undefined);
    }
    if (!last || this.#ended) return;
    if (this.#foreign !== undefined) return this.#endForeign(undefined);
    this.#end("INTERNAL", "the reply ended without trailers", "none", undefined);
  }

  onTail(fields: Fields): void {
    if (this.#ended) return;
    if (this.#foreign !== undefined) return this.#endForeign(fields);
    this.afterMessages(() => this.#readTail(fields));
  }

  onWritable(): void {
    if (!this.#ended) this.#events.onWritable();
  }

  onReset(reset: ExchangeReset): void {
    if (this.#ended) return;
    const code = reset.scope === "connection" ? "UNAVAILABLE" : codeOfReset(reset.code);
    this.#end(code, reset.reason, reset.proof, undefined);
  }

  protected override giveMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean {
    return this.#events.onMessage(bytes, start, end, cost);
  }

  protected override findCompressor(): Compressor | undefined {
    return this.#replyCompressor;
  }

  override onMessageFault(fault: MessageFault): void {
    const { maxMessageBytes } = this.#options;
    this.exchange.reset("CANCEL");
    if (fault.kind === "too-large") {
      const text = `a reply message of ${fault.length} bytes, at most ${maxMessageBytes} are taken (option maxMessageBytes)`;
      this.#end("RESOURCE_EXHAUSTED", text, "none", undefined);
    } else if (fault.kind === "bad-compression") {
      const text = fault.tooLarge ? `${fault.message} (option maxMessageBytes)` : fault.message;
      this.#end(fault.tooLarge ? "RESOURCE_EXHAUSTED" : "INTERNAL", text, "none", undefined);
    } else if (fault.flag === 1) {
      this.#end("INTERNAL", "a compressed reply message that we did not ask for", "none", undefined);
    } else this.#end("INTERNAL", `a reply message with the unknown flag ${fault.flag}`, "none", undefined);
  }

  #readTail(fields: Fields): void {
    if (this.#ended) return;
    const verdict = readVerdict(fields);
    if (verdict.code === "OK" && this.inMessage) {
      return this.#end("INTERNAL", "the reply ended within a message", "executed", fields);
    }
    this.#endWith(fields, verdict);
  }

  #endWith(fields: Fields, verdict: Verdict): void {
    this.#ended = true;
    const { code, details } = verdict;
    const advice = code === "UNIMPLEMENTED" ? compressionAdvice(this.#compressor, verdict, fields) : "";
    const message = advice === "" ? verdict.message : verdict.message + advice;
    this.#events.onEnd({ code, message, details, fields, proof: this.#proofOf(verdict) });
    // The answer is complete though our side may not have ended: the rest of the request is of no use.
    this.exchange.reset("CANCEL");
  }

  #proofOf(verdict: Verdict): AttemptProof {
    if (verdict.code === "OK" || verdict.execution === "executed") return "executed";
    if (verdict.execution === "not-executed" && this.#connection.peerIsFarcall) return "not-executed";
    return "none";
  }

  #endForeign(tail: Fields | undefined): void {
    const { verdict, text } = this.#foreign as Foreign;
    // A gRPC status in the trailers is better than what the HTTP status can say.
    if (tail?.get(statusName) !== undefined) return this.#endWith(tail, readVerdict(tail));
    const body = text === "" ? "" : `: ${JSON.stringify(text.slice(0, maxForeignChars))}`;
    this.#end(verdict.code, verdict.message + body, "none", tail);
  }

  #end(code: StatusCode, message: string, proof: AttemptProof, fields: Fields | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    const ending: Ending = { code, message, proof, fields, details: [] };
    this.#events.onEnd(ending);
    this.exchange.reset("CANCEL");
  }
}

/**
 * What to do when a server refuses what we compressed with: it lists what it takes, or says something of it
 * (compression.md).
 */
function compressionAdvice(compressor: Compressor | undefined, { message }: Verdict, fields: Fields): string {
  if (compressor === undefined) return "";
  const { name } = compressor;
  const accepted = fields
    .get(acceptEncodingName)
    ?.split(",")
    .map((one) => one.trim());
  const isRefused = accepted === undefined ? /compress|encoding/i.test(message) : !accepted.includes(name);
  if (!isRefused) return "";
  const takes = accepted === undefined ? "" : `, it takes ${accepted.join(", ")}`;
  return ` (the server does not take ${name}${takes}; the option compression: "identity" sends messages as they are)`;
}

const { maxForeignChars } = grpcLimits;

function beginningOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < Math.min(end, start + maxForeignChars); at++) {
    const char = bytes[at] as number;
    text += char >= 0x20 && char < 0x7f ? String.fromCharCode(char) : " ";
  }
  return text;
}

function timedTemplate(prepared: PreparedGrpcMethod, timeoutMs: number): FieldTemplate {
  if (timeoutMs === Number.POSITIVE_INFINITY) return prepared.template;
  if (prepared.timed?.timeoutMs !== timeoutMs) {
    const template = new FieldTemplate([...prepared.template.list, timeoutName, formatTimeout(timeoutMs)]);
    prepared.timed = { timeoutMs, template };
  }
  return prepared.timed.template;
}
