// HTTP/2 layer: cuts incoming bytes into frames (RFC 9113 section 4.1). DATA is handed on as it comes, piece by piece,
// without being gathered; every other frame whole, in place when it came in one piece. It judges only lengths.
import type { ResetCode } from "../http/exchange.ts";
import { FrameFlag, FrameType, formatFrameType, frameHeaderBytes, readUint31 } from "./frames.ts";

/** Receives frames. */
export interface FrameHandler {
  /** The header of a DATA frame with `length` payload bytes, pad length and padding included. */
  onDataFrame(id: number, flags: number, length: number): void;
  /** A piece of the last DATA frame's payload, without padding; `frameEnds` with its last piece, which may be empty. */
  onDataBytes(bytes: Uint8Array, start: number, end: number, frameEnds: boolean): void;
  /** Any other frame, whole: `bytes[start..end)` is its payload, lent until return. */
  onFrame(frame: FrameHeader, bytes: Uint8Array, start: number, end: number): void;
  /** The bytes are no frames that we take; nothing is read any more. */
  onReaderFault(code: ResetCode, reason: string): void;
}

/** The reader's one record of the frame at hand; it is used again for the next one. */
export interface FrameHeader {
  length: number;
  type: number;
  flags: number;
  id: number;
}

const noBytes = new Uint8Array(0);

export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxFrameBytes: number;
  readonly #frame: FrameHeader = { length: 0, type: 0, flags: 0, id: 0 };
  /** A frame, header included, of which only a part came. */
  #gathered: Uint8Array = noBytes;
  #gatheredBytes = 0;
  /** Payload bytes of the present DATA frame still to come, without padding; -1 while its pad length is to come. */
  #dataBytes = 0;
  #padBytes = 0;
  #padLengthDue = false;
  #inData = false;
  #stopped = false;

  constructor(handler: FrameHandler, maxFrameBytes: number) {
    this.#handler = handler;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Ignores everything from now on. */
  stop(): void {
    this.#stopped = true;
    this.#gathered = noBytes;
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#stopped) {
      if (this.#inData) at = this.#receiveData(bytes, at, end);
      else if (this.#gatheredBytes > 0) at = this.#gather(bytes, at, end);
      else if (end - at < frameHeaderBytes) at = this.#keep(bytes, at, end, frameHeaderBytes);
      else at = this.#receiveFrame(bytes, at, end);
    }
  }

  #receiveFrame(bytes: Uint8Array, at: number, end: number): number {
    const frame = this.#readHeader(bytes, at);
    if (frame.length > this.#maxFrameBytes) return this.#refuse(frame, end);
    const payload = at + frameHeaderBytes;
    if (frame.type === FrameType.data) {
      this.#beginData(frame);
      return payload;
    }
    const frameEnd = payload + frame.length;
    if (frameEnd > end) return this.#keep(bytes, at, end, frameHeaderBytes + frame.length);
    this.#handler.onFrame(frame, bytes, payload, frameEnd);
    return frameEnd;
  }

  #readHeader(bytes: Uint8Array, at: number): FrameHeader {
    const frame = this.#frame;
    frame.length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    frame.type = bytes[at + 3] as number;
    frame.flags = bytes[at + 4] as number;
    frame.id = readUint31(bytes, at + 5);
    return frame;
  }

  #refuse(frame: FrameHeader, end: number): number {
    this.#stopped = true;
    const reason = `a ${formatFrameType(frame.type)} frame of ${frame.length} bytes, at most ${this.#maxFrameBytes} are allowed`;
    this.#handler.onReaderFault("FRAME_SIZE_ERROR", reason);
    return end;
  }

  /** Keeps the first part of a frame that needs `needed` bytes in all, or at least its header. */
  #keep(bytes: Uint8Array, at: number, end: number, needed: number): number {
    this.#gathered = new Uint8Array(needed);
    this.#gathered.set(bytes.subarray(at, end));
    this.#gatheredBytes = end - at;
    return end;
  }

  #gather(bytes: Uint8Array, at: number, end: number): number {
    const count = Math.min(end - at, this.#gathered.length - this.#gatheredBytes);
    this.#gathered.set(bytes.subarray(at, at + count), this.#gatheredBytes);
    this.#gatheredBytes += count;
    const next = at + count;
    if (this.#gatheredBytes < this.#gathered.length) return next;
    const frame = this.#readHeader(this.#gathered, 0);
    if (this.#gathered.length === frameHeaderBytes) {
      if (frame.length > this.#maxFrameBytes) return this.#refuse(frame, end);
      if (frame.type !== FrameType.data && frame.length > 0) {
        const whole = new Uint8Array(frameHeaderBytes + frame.length);
        whole.set(this.#gathered);
        this.#gathered = whole;
        return next;
      }
    }
    const whole = this.#gathered;
    this.#gathered = noBytes;
    this.#gatheredBytes = 0;
    if (frame.type === FrameType.data) this.#beginData(frame);
    else this.#handler.onFrame(frame, whole, frameHeaderBytes, whole.length);
    return next;
  }

  #beginData(frame: FrameHeader): void {
    const padded = (frame.flags & FrameFlag.padded) !== 0;
    if (padded && frame.length === 0) {
      this.#stopped = true;
      this.#handler.onReaderFault("FRAME_SIZE_ERROR", "a padded DATA frame without a pad length");
      return;
    }
    this.#dataBytes = frame.length - (padded ? 1 : 0);
    this.#padLengthDue = padded;
    this.#padBytes = 0;
    this.#inData = true;
    this.#handler.onDataFrame(frame.id, frame.flags, frame.length);
    if (frame.length === 0 && !this.#stopped) {
      this.#inData = false;
      this.#handler.onDataBytes(noBytes, 0, 0, true);
    }
  }

  #receiveData(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#padLengthDue) {
      const pad = bytes[at++] as number;
      if (pad > this.#dataBytes) {
        this.#stopped = true;
        const reason = `${pad} bytes of padding in a DATA frame that has ${this.#dataBytes} left`;
        this.#handler.onReaderFault("PROTOCOL_ERROR", reason);
        return end;
      }
      this.#padLengthDue = false;
      this.#padBytes = pad;
      this.#dataBytes -= pad;
      if (this.#dataBytes === 0 && pad > 0) return this.#endOfData(at, noBytes);
      if (this.#dataBytes === 0) return this.#endOfFrame(bytes, at, at);
      return at;
    }
    if (this.#dataBytes > 0) {
      const count = Math.min(end - at, this.#dataBytes);
      this.#dataBytes -= count;
      if (this.#dataBytes === 0 && this.#padBytes === 0) return this.#endOfFrame(bytes, at, at + count);
      this.#handler.onDataBytes(bytes, at, at + count, this.#dataBytes === 0);
      return at + count;
    }
    const count = Math.min(end - at, this.#padBytes);
    this.#padBytes -= count;
    if (this.#padBytes === 0) this.#inData = false;
    return at + count;
  }

  /** All data came, padding follows. */
  #endOfData(at: number, bytes: Uint8Array): number {
    this.#handler.onDataBytes(bytes, 0, 0, true);
    return at;
  }

  #endOfFrame(bytes: Uint8Array, start: number, end: number): number {
    this.#inData = false;
    this.#handler.onDataBytes(bytes, start, end, true);
    return end;
  }
}
