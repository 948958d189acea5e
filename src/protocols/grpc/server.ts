// gRPC: the server's side of a call on an exchange (PROTOCOL-HTTP2.md). It turns fields and body into a request and writes
// the reply; it runs no handler and keeps no time.
import type { Compressor } from "../../host/compression.ts";
import type { Exchange, ExchangeOwner, ExchangeReset } from "../../http/exchange.ts";
import { type Fields, FieldTemplate } from "../../http/fields.ts";
import type { Codec } from "../../marshal/types.ts";
import type { Metadata } from "../../rpc/metadata.ts";
import type {
  CallHost,
  IncomingCall,
  ReplyStatus,
  ReplyStream,
  RequestEvents,
  ServerProtocol,
} from "../../rpc/protocol.ts";
import { type StatusCode, statusNumberOf } from "../../rpc/status.ts";
import { formatDetails } from "./details.ts";
import { checkMetadataSize, fitsBeside, formatLimit, sizeOfFields } from "./field-size.ts";
import { IncomingMessages } from "./incoming-messages.ts";
import { grpcLimits } from "./limits.ts";
import type { MessageFault } from "./message-reader.ts";
import { beginMessage, endMessage } from "./message-writer.ts";
import { appendMetadata, formatMetadata, readMetadata } from "./metadata-fields.ts";
import {
  acceptEncodingName,
  contentType,
  detailsName,
  encodingName,
  executionName,
  isGrpc,
  isProtobuf,
  messageName,
  statusName,
  timeoutName,
} from "./names.ts";
import { encodePercent } from "./percent.ts";
import { parseTimeout } from "./timeout.ts";

const headTemplate = new FieldTemplate([":status", "200", "content-type", contentType]);
const compressedHeadTemplates: { readonly [name: string]: FieldTemplate } = {
  gzip: new FieldTemplate([...headTemplate.list, encodingName, "gzip"]),
  deflate: new FieldTemplate([...headTemplate.list, encodingName, "deflate"]),
};
const okTemplate = new FieldTemplate([statusName, "0"]);
const emptyTemplate = new FieldTemplate([]);
const notGrpcTemplate = new FieldTemplate([":status", "415", "content-type", "text/plain"]);
const overlongTemplate = new FieldTemplate([":status", "431", "content-type", "text/plain"]);
const badMethodTemplate = new FieldTemplate([":status", "405", "allow", "POST", "content-type", "text/plain"]);

/** What was understood of a request's head; kept as its `memo`, for the peer repeats it with every call. */
interface Understood {
  readonly entry: unknown;
  readonly timeoutMs: number;
  readonly refusal:
    | { readonly code: StatusCode; readonly message: string; readonly extra?: readonly string[] }
    | undefined;
  /** What the request's messages may be compressed with, and what the reply's are. */
  readonly requestCompressor: Compressor | undefined;
  readonly replyCompressor: Compressor | undefined;
  /** The `CallHost` that found `entry`. */
  readonly host: unknown;
}

export function createGrpcServer(): ServerProtocol {
  return {
    accept(exchange, head, last, host) {
      if (!isGrpc(head.get("content-type"))) return undefined;
      if (head.get(":method") !== "POST") return refuseExchange(exchange, badMethodTemplate);
      return new GrpcServerStream(exchange, head, last, host);
    },
    refuseOverlong(exchange, head, reason) {
      if (!isGrpc(head.get("content-type"))) return undefined;
      return refuseExchange(
        exchange,
        headTemplate,
        formatRefusal("RESOURCE_EXHAUSTED", `the request's head: ${reason}`),
      );
    },
  };
}

/** Answers a request that is no gRPC at all. */
export function refuseForeign(exchange: Exchange): ExchangeOwner {
  return refuseExchange(exchange, notGrpcTemplate);
}

/** Answers one whose head is too large to be looked at. */
export function refuseOverlong(exchange: Exchange): ExchangeOwner {
  return refuseExchange(exchange, overlongTemplate);
}

function refuseExchange(exchange: Exchange, template: FieldTemplate, extra?: readonly string[]): ExchangeOwner {
  exchange.head(template, extra, true);
  const drop = (): void => {};
  return {
    onHead: drop,
    onBody: (_, start, end) => exchange.consumed(end - start),
    onTail: drop,
    onWritable: drop,
    onReset: drop,
  };
}

class GrpcServerStream<Entry> extends IncomingMessages implements ExchangeOwner, ReplyStream, IncomingCall<Entry> {
  readonly exchange: Exchange;
  readonly entry: Entry;
  readonly timeoutMs: number;
  readonly #head: Fields;
  readonly #maxMessageBytes: number;
  #events: RequestEvents | undefined = undefined;
  readonly #understood: Understood;
  #headSent = false;
  #ended = false;

  constructor(exchange: Exchange, head: Fields, last: boolean, host: CallHost<Entry>) {
    super(host.maxMessageBytes);
    this.exchange = exchange;
    this.#head = head;
    this.#maxMessageBytes = host.maxMessageBytes;
    const understood = understand(head, host);
    this.#understood = understood;
    this.entry = understood.entry as Entry;
    this.timeoutMs = understood.timeoutMs;
    if (understood.refusal !== undefined) {
      const { code, message, extra } = understood.refusal;
      this.#refuse(code, message, extra);
      return;
    }
    const events = host.begin(this, this);
    this.#events = events;
    events.onBegin();
    if (last) events.onRequestEnd();
  }

  readMetadata(): Metadata {
    return readMetadata(this.#head);
  }

  checkMetadata(metadata: Metadata): string | undefined {
    return checkMetadataSize(metadata, this.exchange.maxFieldListBytes);
  }

  sendHead(metadata: Metadata | undefined): void {
    if (this.#ended || this.#headSent) return;
    this.#headSent = true;
    const { replyCompressor } = this.#understood;
    const template = replyCompressor === undefined ? undefined : compressedHeadTemplates[replyCompressor.name];
    this.exchange.head(template ?? headTemplate, formatMetadata(metadata), false);
  }

  send<Init>(codec: Codec<unknown, Init>, value: Init): "sent" | "held" {
    if (this.#ended) return "sent";
    this.sendHead(undefined);
    const writer = this.exchange.begin();
    const from = beginMessage(writer);
    try {
      codec.encode(value, writer);
    } catch (error) {
      this.exchange.abandon();
      throw error;
    }
    endMessage(writer, from, this.#understood.replyCompressor);
    return this.exchange.commit(false);
  }

  succeed(metadata: Metadata | undefined): void {
    if (this.#ended) return;
    this.sendHead(undefined);
    this.#ended = true;
    this.exchange.tail(okTemplate, formatMetadata(metadata));
  }

  fail(status: ReplyStatus): void {
    if (this.#ended) return;
    this.#ended = true;
    const { code, details, metadata, execution } = status;
    let { message } = status;
    const { maxFieldListBytes } = this.exchange;
    let more: string[] = [];
    if (details.length > 0) more.push(detailsName, formatDetails(statusNumberOf(code), message, details));
    if (metadata !== undefined) appendMetadata(more, metadata);
    const moreBytes = sizeOfFields(more);
    if (moreBytes > 0 && !fitsBeside(maxStatusBytes, moreBytes, maxFieldListBytes)) {
      message += ` (details and metadata of ${moreBytes} bytes were left out, ${formatLimit(maxFieldListBytes)})`;
      more = [];
    }
    const list = [statusName, String(statusNumberOf(code)), messageName, encodePercent(message, maxStatusBytes)];
    if (execution !== undefined) list.push(executionName, execution);
    list.push(...more);
    if (this.#headSent) this.exchange.tail(emptyTemplate, list);
    else this.exchange.head(headTemplate, list, true);
  }

  onHead(): void {}

  onBody(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    if (this.#ended) return this.dropBody(end - start);
    this.readBody(bytes, start, end);
    if (last) this.onTail();
  }

  /** The end of the request. A client has no trailers to send (PROTOCOL-HTTP2.md): they say nothing else. */
  onTail(): void {
    if (this.#ended) return;
    this.afterMessages(() => {
      if (this.inMessage) this.#events?.onFault("INTERNAL", "the request ended within a message");
      else this.#events?.onRequestEnd();
    });
  }

  onWritable(): void {
    if (!this.#ended) this.#events?.onWritable();
  }

  onReset(reset: ExchangeReset): void {
    if (this.#ended) return;
    this.#ended = true;
    const cancelled = reset.code === "CANCEL" && reset.scope === "stream";
    this.#events?.onCancel(cancelled ? "the client cancelled the call" : reset.reason);
  }

  protected override giveMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean {
    if (this.#ended || this.#events === undefined) return true;
    return this.#events.onMessage(bytes, start, end, cost);
  }

  protected override findCompressor(): Compressor | undefined {
    return this.#understood.requestCompressor;
  }

  override onMessageFault(fault: MessageFault): void {
    if (fault.kind === "too-large") {
      const limit = `at most ${this.#maxMessageBytes} are taken (the server's option maxMessageBytes)`;
      const text = `a request message of ${fault.length} bytes, ${limit}`;
      this.#events?.onFault("RESOURCE_EXHAUSTED", text, "maxMessageBytes");
    } else if (fault.kind === "bad-compression") {
      if (!fault.tooLarge) return this.#events?.onFault("INTERNAL", fault.message);
      const text = `${fault.message} (the server's option maxMessageBytes)`;
      this.#events?.onFault("RESOURCE_EXHAUSTED", text, "maxMessageBytes");
    } else if (fault.flag === 1) {
      this.#events?.onFault("INTERNAL", `a compressed request message without ${encodingName}`);
    } else this.#events?.onFault("INTERNAL", `a request message with the unknown flag ${fault.flag}`);
  }

  /** Ends a call that has not begun. */
  #refuse(code: StatusCode, message: string, extra: readonly string[] = []): void {
    this.#ended = true;
    this.exchange.head(headTemplate, [...formatRefusal(code, message), ...extra], true);
  }
}

/** The fields of an ending without a beginning. */
function formatRefusal(code: StatusCode, message: string): string[] {
  const status = [statusName, String(statusNumberOf(code)), messageName, encodePercent(message, maxStatusBytes)];
  return [...status, executionName, "not-executed"];
}

const { maxStatusBytes } = grpcLimits;

function understand<Entry>(head: Fields, host: CallHost<Entry>): Understood {
  const known = head.memo as Understood | undefined;
  if (known !== undefined && known.host === host) return known;
  const understood = { ...readRequestHead(head, host), host };
  head.memo = understood;
  return understood;
}

function readRequestHead<Entry>(head: Fields, host: CallHost<Entry>): Omit<Understood, "host"> {
  const timeout = head.get(timeoutName);
  const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : parseTimeout(timeout);
  const path = head.get(":path") as string;
  const entry = host.find(path);
  const type = head.get("content-type") as string;
  const encoding = head.get(encodingName) ?? "identity";
  const refuse = (code: StatusCode, message: string, extra?: readonly string[]): Omit<Understood, "host"> => {
    const none = { requestCompressor: undefined, replyCompressor: undefined };
    return { entry: undefined, timeoutMs: 0, ...none, refusal: { code, message, ...(extra && { extra }) } };
  };
  if (typeof entry === "string") return refuse("UNIMPLEMENTED", entry);
  if (!isProtobuf(type)) return refuse("UNIMPLEMENTED", `content-type ${type} is not spoken here; use ${contentType}`);
  if (timeoutMs === undefined)
    return refuse("INTERNAL", `${timeoutName} is ${JSON.stringify(timeout)}, which is no timeout`);
  const { compression } = host;
  const requestCompressor = compression.find(encoding);
  if (encoding !== "identity" && requestCompressor === undefined) {
    const text = `${encodingName} ${JSON.stringify(encoding)} is not understood here`;
    return refuse("UNIMPLEMENTED", text, [acceptEncodingName, ["identity", ...compression.names].join(",")]);
  }
  const accepted = (head.get(acceptEncodingName) ?? "").split(",").map((name) => name.trim());
  const replyCompressor = accepted.includes(host.replyCompressor?.name ?? "") ? host.replyCompressor : undefined;
  return { entry, timeoutMs, requestCompressor, replyCompressor, refusal: undefined };
}
