// HTTP/2 layer: HEADERS and CONTINUATION, and what a whole block begins or ends (RFC 9113 sections 6.2, 6.10 and 8.1).
import type { Fields } from "../http/fields.ts";
import type { BlockKind } from "./field-check.ts";
import type { FrameHeader } from "./frame-reader.ts";
import { FrameFlag, readUint31 } from "./frames.ts";
import { BlockDecoder, BlockGatherer, type DecodedBlock, isFault } from "./header-blocks.ts";
import type { Session } from "./session.ts";
import { Http2Stream } from "./stream.ts";

/** The owner of a stream before its real one is known. */
const nobody = { onHead() {}, onBody() {}, onTail() {}, onWritable() {}, onReset() {} };

export class HeaderReceiver {
  readonly #session: Session;
  readonly #decoder: BlockDecoder;
  readonly #gatherer: BlockGatherer;
  /** The stream of the block that CONTINUATION goes on with; 0 when none is open. */
  #openId = 0;
  #openEndsStream = false;
  #openSelfDependent = false;
  deadline = Number.POSITIVE_INFINITY;

  constructor(session: Session) {
    this.#session = session;
    this.#decoder = new BlockDecoder(session.limits);
    this.#gatherer = new BlockGatherer(session.limits);
  }

  /** A block has begun and not ended: only CONTINUATION may come. */
  get open(): boolean {
    return this.#openId !== 0;
  }

  /** A stream the peer opened after we said our last GOAWAY: ignored. */
  isBeyondDrain(id: number): boolean {
    return this.#session.finalGoAwayId >= 0 && id > this.#session.finalGoAwayId;
  }

  settingsAcknowledged(): void {
    this.#decoder.settingsAcknowledged();
  }

  receiveHeaders(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    const { id, flags } = frame;
    if (id === 0) return session.fail("PROTOCOL_ERROR", "HEADERS on stream 0");
    let from = start;
    let to = end;
    if ((flags & FrameFlag.padded) !== 0) {
      if (from === to) return session.fail("FRAME_SIZE_ERROR", "padded HEADERS without a pad length");
      to -= bytes[from] as number;
      from++;
    }
    let selfDependent = false;
    if ((flags & FrameFlag.priority) !== 0) {
      if (end - from < 5) return session.fail("FRAME_SIZE_ERROR", "HEADERS too short for its priority");
      selfDependent = readUint31(bytes, from) === id;
      from += 5;
    }
    if (from > to) return session.fail("PROTOCOL_ERROR", "HEADERS with more padding than payload");
    const endsStream = (flags & FrameFlag.endStream) !== 0;
    if ((flags & FrameFlag.endHeaders) !== 0) {
      return this.#receiveBlock(id, { bytes, start: from, end: to }, { endsStream, selfDependent });
    }
    this.#openId = id;
    this.#openEndsStream = endsStream;
    this.#openSelfDependent = selfDependent;
    this.deadline = session.now + session.limits.blockTimeoutMs;
    this.#gatherer.begin();
    const limit = this.#gatherer.add(bytes, from, to);
    if (limit !== undefined) session.fail("ENHANCE_YOUR_CALM", limit);
  }

  receiveContinuation(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    if (this.#openId === 0) return session.fail("PROTOCOL_ERROR", "CONTINUATION without a header block");
    if (frame.id !== this.#openId) return session.fail("PROTOCOL_ERROR", "CONTINUATION on another stream");
    const endsBlock = (frame.flags & FrameFlag.endHeaders) !== 0;
    if (start === end && !endsBlock)
      return session.fail("ENHANCE_YOUR_CALM", "an empty CONTINUATION that ends nothing");
    const limit = this.#gatherer.continue() ?? this.#gatherer.add(bytes, start, end);
    if (limit !== undefined) return session.fail("ENHANCE_YOUR_CALM", limit);
    if (!endsBlock) return;
    const id = this.#openId;
    this.#openId = 0;
    this.deadline = Number.POSITIVE_INFINITY;
    const block = { bytes: this.#gatherer.bytes, start: 0, end: this.#gatherer.length };
    this.#receiveBlock(id, block, { endsStream: this.#openEndsStream, selfDependent: this.#openSelfDependent });
    this.#gatherer.end();
  }

  #receiveBlock(
    id: number,
    encoded: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
    flags: { readonly endsStream: boolean; readonly selfDependent: boolean },
  ): void {
    const session = this.#session;
    const stream = session.streams.get(id);
    const decoded = this.#decoder.decode(encoded.bytes, encoded.start, encoded.end, this.#kindOf(stream));
    if (isFault(decoded)) {
      const calm = decoded.code === "list-too-large";
      return session.fail(calm ? "ENHANCE_YOUR_CALM" : "COMPRESSION_ERROR", decoded.message);
    }
    const block = flags.selfDependent ? { ...decoded, malformed: `stream ${id} depends on itself` } : decoded;
    if (stream === undefined) this.#receiveOnNoStream(id, block, flags.endsStream);
    else if (session.role === "server") this.#receiveTail(stream, block, flags.endsStream);
    else this.#receiveResponse(stream, block, flags.endsStream);
  }

  #kindOf(stream: Http2Stream | undefined): BlockKind {
    if (this.#session.role === "server") return stream === undefined ? "request" : "trailers";
    return stream?.headReceived === true ? "trailers" : "response";
  }

  #receiveOnNoStream(id: number, decoded: DecodedBlock, endsStream: boolean): void {
    const session = this.#session;
    if (session.role === "client") {
      if ((id & 1) === 0 || id >= session.nextId) {
        return session.fail("PROTOCOL_ERROR", `HEADERS on the idle stream ${id}`);
      }
      if (!session.remembers(id)) session.failStream(id, "STREAM_CLOSED", `HEADERS on the closed stream ${id}`);
      return;
    }
    if ((id & 1) === 0) return session.fail("PROTOCOL_ERROR", `a request on the even stream ${id}`);
    if (id <= session.lastPeerId) {
      if (session.remembers(id)) return;
      return session.fail("STREAM_CLOSED", `HEADERS on the closed stream ${id}`);
    }
    if (this.isBeyondDrain(id)) return;
    session.lastPeerId = id;
    if (session.openCount >= session.limits.maxConcurrentStreams) {
      const text = `more than ${session.limits.maxConcurrentStreams} streams at once (maxConcurrentStreams)`;
      return session.refuseStream(id, text);
    }
    if (decoded.malformed !== undefined) return session.failStream(id, "PROTOCOL_ERROR", decoded.malformed);
    this.#openRequest(id, decoded, endsStream);
  }

  #openRequest(id: number, decoded: DecodedBlock, endsStream: boolean): void {
    const session = this.#session;
    const { limits, sender } = session;
    const stream = new Http2Stream(session, nobody, {
      send: sender.peer.initialWindowSize,
      receive: limits.streamWindowBytes,
    });
    stream.id = id;
    stream.heard = true;
    stream.headReceived = true;
    stream.promisedBytes = promisedLength(decoded.fields);
    session.streams.add(stream);
    session.openCount++;
    if (endsStream && stream.promisedBytes > 0) {
      return session.failStream(id, "PROTOCOL_ERROR", "content-length promises a body that does not come");
    }
    if (decoded.exceeded !== undefined) return session.failStream(id, "ENHANCE_YOUR_CALM", decoded.exceeded);
    if (endsStream) session.endRemote(stream);
    stream.owner = session.owner.onExchange(stream, decoded.fields, endsStream);
  }

  #receiveTail(stream: Http2Stream, decoded: DecodedBlock, endsStream: boolean): void {
    const session = this.#session;
    const { id } = stream;
    if (stream.remoteEnded) return session.failStream(id, "STREAM_CLOSED", `HEADERS after END_STREAM on stream ${id}`);
    if (!endsStream) return session.failStream(id, "PROTOCOL_ERROR", "trailers that do not end the stream");
    this.#endWithTail(stream, decoded);
  }

  #receiveResponse(stream: Http2Stream, decoded: DecodedBlock, endsStream: boolean): void {
    const session = this.#session;
    const { id } = stream;
    if (stream.remoteEnded) return session.failStream(id, "STREAM_CLOSED", `HEADERS after END_STREAM on stream ${id}`);
    stream.heard = true;
    if (stream.headReceived) {
      if (!endsStream) return session.failStream(id, "PROTOCOL_ERROR", "trailers that do not end the stream");
      return this.#endWithTail(stream, decoded);
    }
    if (decoded.malformed !== undefined) return session.failStream(id, "PROTOCOL_ERROR", decoded.malformed);
    if (decoded.exceeded !== undefined) return session.failStream(id, "ENHANCE_YOUR_CALM", decoded.exceeded);
    const informational = (decoded.fields.get(":status") as string).charCodeAt(0) === 0x31;
    if (informational) {
      if (endsStream) session.failStream(id, "PROTOCOL_ERROR", "an informational response that ends the stream");
      return;
    }
    stream.headReceived = true;
    session.hasAnswered = true;
    stream.promisedBytes = promisedLength(decoded.fields);
    if (endsStream) session.endRemote(stream);
    stream.owner.onHead(decoded.fields, endsStream);
  }

  #endWithTail(stream: Http2Stream, decoded: DecodedBlock): void {
    const session = this.#session;
    if (decoded.malformed !== undefined) return session.failStream(stream.id, "PROTOCOL_ERROR", decoded.malformed);
    if (decoded.exceeded !== undefined) return session.failStream(stream.id, "ENHANCE_YOUR_CALM", decoded.exceeded);
    if (stream.promisedBytes > 0) {
      return session.failStream(stream.id, "PROTOCOL_ERROR", "the body is not as long as content-length says");
    }
    session.endRemote(stream);
    stream.owner.onTail(decoded.fields);
  }
}

/** The value of `content-length`, which has been checked to be a number; -1 without one. */
function promisedLength(fields: Fields): number {
  const text = fields.get("content-length");
  return text === undefined ? -1 : Number(text);
}
