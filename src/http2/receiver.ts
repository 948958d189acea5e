// HTTP/2 layer: what each incoming frame means (RFC 9113 section 6). A frame that is not allowed ends its stream or the
// connection with the code the RFC names; peer bytes never make this throw.
import { copyBytes } from "../bytes/reader.ts";
import type { ResetCode } from "../http/exchange.ts";
import type { FrameHandler, FrameHeader } from "./frame-reader.ts";
import { errorCodeName, FrameFlag, FrameType, formatFrameType, maxUint31, readUint31, readUint32 } from "./frames.ts";
import { HeaderReceiver } from "./header-receiver.ts";
import { PingStrikes } from "./ping-strikes.ts";
import type { Session } from "./session.ts";
import { applySettings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

/** The debug data by which a GOAWAY says that PINGs came too often (gRPC proposal A8). */
const tooManyPings = "too_many_pings";

export class Receiver implements FrameHandler {
  readonly #session: Session;
  readonly #headers: HeaderReceiver;
  readonly #pingStrikes: PingStrikes;
  /** The stream that the present DATA frame goes to; undefined: its bytes only count for the connection. */
  #dataStream: Http2Stream | undefined = undefined;
  #dataEndsStream = false;
  #settingsAcked = false;
  #saidGoAway = false;
  #priorityFrames = 0;
  #windowUpdates = 0;
  readonly #onPingAck: (payload: Uint8Array) => boolean;

  /** `onPingAck`: takes an answer to a PING; false when nothing was asked. */
  constructor(session: Session, onPingAck: (payload: Uint8Array) => boolean) {
    this.#session = session;
    this.#onPingAck = onPingAck;
    this.#headers = new HeaderReceiver(session);
    this.#pingStrikes = new PingStrikes(session.limits);
  }

  /** The peer has acknowledged our SETTINGS. */
  get settingsAcked(): boolean {
    return this.#settingsAcked;
  }

  /** When the header block at hand must be whole; Infinity when none is. */
  get blockDeadline(): number {
    return this.#headers.deadline;
  }

  onReaderFault(code: ResetCode, reason: string): void {
    this.#session.fail(code, reason);
  }

  onFrame(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    // The connection may have ended earlier in the same bytes.
    if (session.closed) return;
    if (!session.ready && (frame.type !== FrameType.settings || (frame.flags & FrameFlag.ack) !== 0)) {
      session.fail("PROTOCOL_ERROR", `the first frame is ${formatFrameType(frame.type)}, not SETTINGS`);
      return;
    }
    if (this.#headers.open && frame.type !== FrameType.continuation) {
      session.fail("PROTOCOL_ERROR", `${formatFrameType(frame.type)} within a header block`);
      return;
    }
    switch (frame.type) {
      case FrameType.headers:
        this.#headers.receiveHeaders(frame, bytes, start, end);
        return;
      case FrameType.continuation:
        this.#headers.receiveContinuation(frame, bytes, start, end);
        return;
      case FrameType.windowUpdate:
        this.#receiveWindowUpdate(frame, bytes, start);
        return;
      case FrameType.rstStream:
        this.#receiveRstStream(frame, bytes, start);
        return;
      case FrameType.settings:
        this.#receiveSettings(frame, bytes, start, end);
        return;
      case FrameType.ping:
        this.#receivePing(frame, bytes, start, end);
        return;
      case FrameType.goAway:
        this.#receiveGoAway(frame, bytes, start, end);
        return;
      case FrameType.priority:
        this.#receivePriority(frame, bytes, start);
        return;
      case FrameType.pushPromise:
        session.fail("PROTOCOL_ERROR", "PUSH_PROMISE, though push is switched off");
        return;
      default:
        // RFC 9113 section 5.5: unknown types are ignored, but not without end.
        session.guard.spend("idleFrames", "too many unknown frames");
    }
  }

  onDataFrame(id: number, flags: number, length: number): void {
    const session = this.#session;
    this.#dataStream = undefined;
    this.#dataEndsStream = (flags & FrameFlag.endStream) !== 0;
    if (session.closed) return;
    if (!session.ready) return session.fail("PROTOCOL_ERROR", "the first frame is DATA, not SETTINGS");
    if (this.#headers.open) return session.fail("PROTOCOL_ERROR", "DATA within a header block");
    if (id === 0) return session.fail("PROTOCOL_ERROR", "DATA on stream 0");
    if (length > session.credit.window) {
      const text = `DATA of ${length} bytes with a connection window of ${session.credit.window}`;
      return session.fail("FLOW_CONTROL_ERROR", text);
    }
    session.credit.window -= length;
    const stream = session.streams.get(id);
    if (stream === undefined) return this.#dataOnNoStream(id, length);
    if (stream.remoteEnded) {
      session.credit.return(length);
      return session.failStream(id, "STREAM_CLOSED", `DATA after END_STREAM on stream ${id}`);
    }
    if (length > stream.receiveWindow) {
      session.credit.return(length);
      const text = `DATA of ${length} bytes with a window of ${stream.receiveWindow} on stream ${id}`;
      return session.failStream(id, "FLOW_CONTROL_ERROR", text);
    }
    if (session.role === "client" && !stream.headReceived) {
      session.credit.return(length);
      return session.failStream(id, "PROTOCOL_ERROR", `DATA before HEADERS on stream ${id}`);
    }
    stream.heard = true;
    stream.receiveWindow -= length;
    // All of it is owed to the owner at first; `onDataBytes` gives back what was padding.
    stream.unconsumed += length;
    this.#dataStream = stream;
    this.#frameBytes = length;
    this.#paddingBytes = length;
  }

  /** Bytes of the present DATA frame's payload, and those of them that were not body so far. */
  #frameBytes = 0;
  #paddingBytes = 0;

  onDataBytes(bytes: Uint8Array, start: number, end: number, frameEnds: boolean): void {
    const stream = this.#dataStream;
    if (stream === undefined || stream.closed) return;
    const session = this.#session;
    const count = end - start;
    this.#paddingBytes -= count;
    if (frameEnds && this.#paddingBytes > 0) session.returnCredit(stream, this.#paddingBytes);
    const last = frameEnds && this.#dataEndsStream;
    if (frameEnds && !last && !this.#isWorthwhile(stream)) {
      return session.guard.exceed("maxEmptyDataFrames", "too many empty DATA frames in a row");
    }
    if (stream.promisedBytes >= 0) {
      stream.promisedBytes -= count;
      if (stream.promisedBytes < 0 || (last && stream.promisedBytes !== 0)) {
        stream.promisedBytes = -1;
        return session.failStream(stream.id, "PROTOCOL_ERROR", "the body is not as long as content-length says");
      }
    }
    if (last) session.endRemote(stream);
    if (count > 0 || last) stream.owner.onBody(bytes, start, end, last);
  }

  /** Whether the DATA frame that has ended brought body, or is one of a few that did not; padding alone is no body. */
  #isWorthwhile(stream: Http2Stream): boolean {
    if (this.#paddingBytes < this.#frameBytes) stream.emptyDataFrames = 0;
    else stream.emptyDataFrames++;
    return stream.emptyDataFrames <= this.#session.limits.maxEmptyDataFrames;
  }

  #dataOnNoStream(id: number, length: number): void {
    const session = this.#session;
    session.credit.return(length);
    if (this.#isIdle(id)) return session.fail("PROTOCOL_ERROR", `DATA on the idle stream ${id}`);
    if (session.remembers(id) || this.#headers.isBeyondDrain(id)) return;
    session.failStream(id, "STREAM_CLOSED", `DATA on the closed stream ${id}`);
  }

  /** Nobody has opened this stream yet (RFC 9113 section 5.1.1). What we ignore since our last GOAWAY may be open. */
  #isIdle(id: number): boolean {
    const session = this.#session;
    const ours = (id & 1) === 1 ? session.role === "client" : session.role === "server";
    return ours ? id >= session.nextId : id > session.lastPeerId && !this.#headers.isBeyondDrain(id);
  }

  /** A stream error; on an idle stream, where RST_STREAM must not be sent (section 6.4), a connection error. */
  #failStream(id: number, code: ResetCode, reason: string): void {
    if (this.#isIdle(id)) this.#session.fail(code, reason);
    else this.#session.failStream(id, code, reason);
  }

  #receiveWindowUpdate(frame: FrameHeader, bytes: Uint8Array, start: number): void {
    const session = this.#session;
    const { id } = frame;
    if (frame.length !== 4) return session.fail("FRAME_SIZE_ERROR", `WINDOW_UPDATE of ${frame.length} bytes, not 4`);
    if (++this.#windowUpdates > session.limits.windowUpdatesBurst && this.#updatesBeyond()) return;
    const increment = readUint31(bytes, start);
    if (id === 0) {
      if (increment === 0) return session.fail("PROTOCOL_ERROR", "WINDOW_UPDATE of 0");
      const window = session.sender.sendWindow + increment;
      if (window > maxUint31) return session.fail("FLOW_CONTROL_ERROR", "the connection window exceeds 2^31 - 1");
      session.sender.sendWindow = window;
    } else {
      const stream = session.streams.get(id);
      if (stream === undefined) {
        if (this.#isIdle(id)) session.fail("PROTOCOL_ERROR", `WINDOW_UPDATE on the idle stream ${id}`);
        return;
      }
      if (increment === 0) return session.failStream(id, "PROTOCOL_ERROR", `WINDOW_UPDATE of 0 on stream ${id}`);
      if (stream.sendWindow + increment > maxUint31) {
        return session.failStream(id, "FLOW_CONTROL_ERROR", `the window of stream ${id} exceeds 2^31 - 1`);
      }
      stream.sendWindow += increment;
      session.sender.wake(stream);
    }
    session.sender.pump();
    session.sender.announce();
  }

  #receiveRstStream(frame: FrameHeader, bytes: Uint8Array, start: number): void {
    const session = this.#session;
    const { id } = frame;
    if (id === 0) return session.fail("PROTOCOL_ERROR", "RST_STREAM on stream 0");
    if (frame.length !== 4) return session.fail("FRAME_SIZE_ERROR", `RST_STREAM of ${frame.length} bytes, not 4`);
    if (this.#isIdle(id)) return session.fail("PROTOCOL_ERROR", `RST_STREAM on the idle stream ${id}`);
    const stream = session.streams.get(id);
    if (session.role === "server" && !session.guard.spend("resets", "too many streams reset")) return;
    if (stream === undefined) {
      // A server may end each of a client's streams once more than it need, but not without end.
      if (session.role === "client") this.#headers.countLate("RST_STREAM");
      return;
    }
    const code = errorCodeName(readUint32(bytes, start));
    const refused = code === "REFUSED_STREAM" && session.role === "client" && !stream.heard;
    const reason = `the peer reset the stream with ${code}`;
    session.abort(stream, { code, reason, proof: refused ? "refused" : "none" });
  }

  #receiveSettings(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    if (frame.id !== 0) return session.fail("PROTOCOL_ERROR", `SETTINGS on stream ${frame.id}`);
    if ((frame.flags & FrameFlag.ack) !== 0) {
      if (frame.length !== 0) return session.fail("FRAME_SIZE_ERROR", "a SETTINGS acknowledgement with a payload");
      if (this.#settingsAcked)
        return void session.guard.spend("idleFrames", "too many acknowledgements of no SETTINGS");
      this.#headers.settingsAcknowledged();
      this.#settingsAcked = true;
      return;
    }
    if (frame.length % 6 !== 0) return session.fail("FRAME_SIZE_ERROR", `SETTINGS of ${frame.length} bytes`);
    if (frame.length > 6 * session.limits.maxSettings) {
      return session.guard.exceed("maxSettings", `SETTINGS with ${frame.length / 6} entries`);
    }
    if (!session.guard.spend("settings", "too many SETTINGS frames")) return;
    const { sender } = session;
    const windowBefore = sender.peer.initialWindowSize;
    const fault = applySettings(sender.peer, { bytes, start, end }, session.role === "client");
    if (fault !== undefined) return session.fail(fault.code, fault.reason);
    const change = sender.peer.initialWindowSize - windowBefore;
    if (change !== 0 && !this.#changeWindows(change)) return;
    sender.settingsChanged();
    sender.settingsAck();
    if (!session.guard.owe()) return;
    sender.pump();
    sender.announce();
    if (session.ready) return session.owner.onCapacity();
    session.ready = true;
    session.owner.onReady();
  }

  /** RFC 9113 section 6.9.2: open streams' windows move by the difference and may become negative. */
  #changeWindows(change: number): boolean {
    const session = this.#session;
    for (const stream of session.streams.all()) {
      if (stream.sendWindow + change > maxUint31) {
        session.fail("FLOW_CONTROL_ERROR", "SETTINGS_INITIAL_WINDOW_SIZE lifts a window above 2^31 - 1");
        return false;
      }
      stream.sendWindow += change;
      session.sender.wake(stream);
    }
    return true;
  }

  #receivePing(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    if (frame.id !== 0) return session.fail("PROTOCOL_ERROR", `PING on stream ${frame.id}`);
    if (frame.length !== 8) return session.fail("FRAME_SIZE_ERROR", `PING of ${frame.length} bytes, not 8`);
    if ((frame.flags & FrameFlag.ack) !== 0) {
      if (!this.#onPingAck(bytes.subarray(start, end)))
        session.guard.spend("idleFrames", "too many answers to no PING");
      return;
    }
    const { now, openCount, sender } = session;
    if (session.role === "server" && !this.#pingStrikes.receive(now, { callFrames: sender.callFrames, openCount })) {
      session.owner.onLimit("maxPingStrikes", tooManyPings);
      // These very words make gRPC clients ask half as often on their next connection.
      return session.fail("ENHANCE_YOUR_CALM", tooManyPings);
    }
    if (!session.guard.owe()) return;
    sender.ping(copyBytes(bytes, start, end), true);
    sender.announce();
  }

  #receiveGoAway(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#session;
    if (frame.id !== 0) return session.fail("PROTOCOL_ERROR", `GOAWAY on stream ${frame.id}`);
    if (frame.length < 8) return session.fail("FRAME_SIZE_ERROR", `GOAWAY of ${frame.length} bytes`);
    if (this.#saidGoAway && !session.guard.spend("idleFrames", "too many GOAWAY frames")) return;
    this.#saidGoAway = true;
    const lastId = readUint31(bytes, start);
    const code = errorCodeName(readUint32(bytes, start + 4));
    let debug = "";
    for (let at = start + 8; at < Math.min(end, start + 136); at++) {
      const char = bytes[at] as number;
      debug += char >= 0x20 && char < 0x7f ? String.fromCharCode(char) : ".";
    }
    const reason = `the peer said GOAWAY ${code}${debug === "" ? "" : ` (${debug})`}`;
    session.draining = true;
    session.saidFarewell ||= code === "NO_ERROR";
    session.pingedTooOften ||= code === "ENHANCE_YOUR_CALM" && debug === tooManyPings;
    // Before streams end: calls that are made again must find that the connection is none of theirs any more.
    session.owner.onDraining(reason);
    if (session.role === "client") {
      for (const stream of session.allStreams()) {
        if (stream.id !== 0 && stream.id <= lastId) continue;
        const proof = stream.id === 0 ? "unsent" : stream.heard ? "none" : "refused";
        session.abort(stream, { code: "REFUSED_STREAM", reason, proof });
      }
    }
    if (session.role === "client" && session.openCount === 0) session.end("NO_ERROR", reason);
  }

  #receivePriority(frame: FrameHeader, bytes: Uint8Array, start: number): void {
    const session = this.#session;
    const { id } = frame;
    if (id === 0) return session.fail("PROTOCOL_ERROR", "PRIORITY on stream 0");
    if (frame.length !== 5) {
      return this.#failStream(id, "FRAME_SIZE_ERROR", `PRIORITY of ${frame.length} bytes, not 5`);
    }
    if (readUint31(bytes, start) === id) {
      return this.#failStream(id, "PROTOCOL_ERROR", `stream ${id} depends on itself`);
    }
    const allowed = session.limits.priorityFramesPerStream * (1 + ((session.lastPeerId + 1) >>> 1));
    if (++this.#priorityFrames > allowed) session.guard.exceed("priorityFramesPerStream", "too many PRIORITY frames");
  }

  /** Whether the WINDOW_UPDATE frames so far are more than what we sent can explain; the connection has then ended. */
  #updatesBeyond(): boolean {
    const session = this.#session;
    const { windowUpdatesBurst, windowUpdatesPerFrame } = session.limits;
    if (this.#windowUpdates <= windowUpdatesBurst + windowUpdatesPerFrame * session.sender.callFrames) return false;
    session.guard.exceed("windowUpdatesPerFrame", "too many WINDOW_UPDATE frames");
    return true;
  }
}
