// HTTP/2 layer: HEADERS and CONTINUATION, and what a whole block begins or ends (RFC 9113 sections 6.2, 6.10 and 8.1).
import type { Fields } from "../http/fields.ts";
import type { BlockKind } from "./field-check.ts";
import type { FrameHeader } from "./frame-reader.ts";
import { FrameFlag, readUint31 } from "./frames.ts";
import { BlockDecoder, BlockGatherer, type DecodedBlock, type Excess, isFault } from "./header-blocks.ts";
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
  #lateFrames = 0;

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
    if (!this.#gatherer.add(bytes, from, to)) session.guard.exceed("maxBlockBytes", "a header block is too large");
  }

  receiveContinuation(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    if (this.#openId === 0) return session.fail("PROTOCOL_ERROR", "CONTINUATION without a header block");
    if (frame.id !== this.#openId) return session.fail("PROTOCOL_ERROR", "CONTINUATION on another stream");
    const endsBlock = (frame.flags & FrameFlag.endHeaders) !== 0;
    if (start === end && !endsBlock)
      return session.fail("ENHANCE_YOUR_CALM", "an empty CONTINUATION that ends nothing");
    if (!this.#gatherer.continue()) {
      return session.guard.exceed("maxContinuations", "a header block in too many CONTINUATION frames");
    }
    if (!this.#gatherer.add(bytes, start, end))
      return session.guard.exceed("maxBlockBytes", "a header block is too large");
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
      if (decoded.code === "list-too-large") return session.guard.exceed("maxFieldListBytes", decoded.message);
      return session.fail("COMPRESSION_ERROR", decoded.message);
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
      return this.#receiveOnClosed(id);
    }
    if ((id & 1) === 0) return session.fail("PROTOCOL_ERROR", `a request on the even stream ${id}`);
    if (id <= session.lastPeerId) return this.#receiveOnClosed(id);
    if (this.isBeyondDrain(id)) {
      // Its client may not have read our GOAWAY yet.
      session.guard.spend("refusals", "too many requests after GOAWAY");
      return;
    }
    session.lastPeerId = id;
    if (session.openCount >= session.limits.maxConcurrentStreams) {
      return session.refuseStream(id, "maxConcurrentStreams", "too many streams at once");
    }
    if (decoded.malformed !== undefined) return session.failStream(id, "PROTOCOL_ERROR", decoded.malformed);
    this.#openRequest(id, decoded, endsStream);
  }

  /** What was sent before our reset came is no fault, but it is not sent for ever. */
  #receiveOnClosed(id: number): void {
    const session = this.#session;
    const reason = `HEADERS on the closed stream ${id}`;
    if (session.remembers(id)) this.countLate("HEADERS");
    else if (session.role === "client") session.failStream(id, "STREAM_CLOSED", reason);
    else session.fail("STREAM_CLOSED", reason);
  }

  /** Counts a frame on a closed stream that may have been on its way. */
  countLate(what: string): void {
    const session = this.#session;
    const opened = Math.max(session.nextId, session.lastPeerId + 1) >>> 1;
    if (++this.#lateFrames <= session.limits.lateFramesPerStream * (1 + opened)) return;
    session.guard.exceed("lateFramesPerStream", `too many ${what} frames on closed streams`);
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
    session.streams.add(stream);
    session.openCount++;
    if (decoded.exceeded !== undefined)
      return this.#answerOverlong(stream, decoded.exceeded, decoded.fields, endsStream);
    stream.promisedBytes = promisedLength(decoded.fields);
    if (endsStream && stream.promisedBytes > 0) {
      return session.failStream(id, "PROTOCOL_ERROR", "content-length promises a body that does not come");
    }
    if (endsStream) session.endRemote(stream);
    stream.owner = session.owner.onExchange(stream, decoded.fields, endsStream);
  }

  /** A request whose head is too large is answered, so that its client learns why; it costs what a stream error costs. */
  #answerOverlong(stream: Http2Stream, excess: Excess, fields: Fields, endsStream: boolean): void {
    const session = this.#session;
    const reason = session.guard.tell(excess.limit, excess.what);
    if (!session.guard.spend("faults", "too many stream errors", `; the last: ${reason}`)) return;
    if (endsStream) session.endRemote(stream);
    stream.owner = session.owner.onOverlongHead(stream, fields, reason);
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
    if (decoded.exceeded !== undefined) return session.failExcess(id, decoded.exceeded.limit, decoded.exceeded.what);
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
    if (decoded.exceeded !== undefined) {
      return session.failExcess(stream.id, decoded.exceeded.limit, decoded.exceeded.what);
    }
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
