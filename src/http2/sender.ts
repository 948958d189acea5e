// HTTP/2 layer: the output of a connection: frames, header blocks and the flow control of what we send (RFC 9113 sections
// 4.3, 5.2 and 6). It writes into one `Writer`; it keeps no timer and knows no socket.
import { Fifo } from "../bytes/fifo.ts";
import { type ChunkSource, Writer } from "../bytes/writer.ts";
import type { ResetCode } from "../http/exchange.ts";
import type { FieldTemplate } from "../http/fields.ts";
import { errorCodeNumber, FrameFlag, FrameType, frameHeaderBytes, maxUint31, writeFrameHeader } from "./frames.ts";
import type { HeldOutput } from "./held-output.ts";
import { defaultIndexing, HpackEncoder } from "./hpack/index.ts";
import { initialPeerSettings, type PeerSettings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

interface EncodedTemplate {
  readonly generation: number;
  readonly block: Uint8Array;
}

/** Templates whose encoded form is kept; beyond it all are encoded anew. */
const maxEncodedTemplates = 1000;
/** Body pieces of this size and more are lent to the socket, smaller ones copied behind their frame header. */
const minLentBytes = 1024;
/** First size of output that is taken within a turn; it doubles up to the second. +13 % calls a second at 64 in flight. */
const minFlushBytes = 2 * 1024;
const maxFlushBytes = 64 * 1024;

export class Sender {
  readonly peer: PeerSettings = initialPeerSettings();
  /** Bytes of body the peer takes on the whole connection. */
  sendWindow = 65_535;
  /** Bytes moved out by `take` so far. */
  takenBytes = 0;
  /** HEADERS and DATA frames sent so far. */
  callFrames = 0;
  readonly #writer: Writer;
  readonly #encoder: HpackEncoder;
  readonly #templates = new Map<FieldTemplate, EncodedTemplate>();
  readonly #waiting: Http2Stream[] = [];
  readonly #heldOutput: HeldOutput;
  readonly #onOutput: () => void;
  readonly #onMuchOutput: () => void;
  readonly #onSent: (stream: Http2Stream, ended: boolean) => void;
  #announced = false;
  #flushBytes = minFlushBytes;
  #writable = true;
  /** The stream whose commit is under way: what leaves within it was never held. */
  #committing: Http2Stream | undefined;

  constructor(options: {
    readonly chunks: ChunkSource;
    readonly encoderTableBytes: number;
    readonly heldOutput: HeldOutput;
    readonly onOutput: () => void;
    readonly onMuchOutput: () => void;
    /** All that a stream held has left; `ended`: and that ended our side. */
    readonly onSent: (stream: Http2Stream, ended: boolean) => void;
  }) {
    this.#writer = new Writer(options.chunks);
    this.#encoder = new HpackEncoder({ maxTableBytes: options.encoderTableBytes });
    this.#heldOutput = options.heldOutput;
    this.#onOutput = options.onOutput;
    this.#onMuchOutput = options.onMuchOutput;
    this.#onSent = options.onSent;
  }

  /** Bytes written so far: a position in the whole output. */
  get writtenBytes(): number {
    return this.#writer.written;
  }

  get hasOutput(): boolean {
    return this.#writer.written > this.takenBytes;
  }

  /** Moves the output out; the next early flush starts small again. */
  take(into: Uint8Array[]): void {
    this.#writer.seal();
    this.#writer.takeParts(into);
    this.takenBytes = this.#writer.written;
    this.#announced = false;
    this.#flushBytes = minFlushBytes;
  }

  recycle(): void {
    this.#writer.recycle();
  }

  /** Forgets all output that `take` has not moved out. Only before the last frame of a connection: HPACK's state is lost. */
  dropUntaken(): void {
    this.#writer.drop();
  }

  /** Tells the driver of new output. Called once after each thing sent. */
  announce(): void {
    const pending = this.#writer.written - this.takenBytes;
    if (pending === 0) return;
    if (!this.#announced) {
      this.#announced = true;
      this.#onOutput();
    }
    if (pending >= this.#flushBytes) {
      const next = Math.min(this.#flushBytes * 2, maxFlushBytes);
      this.#onMuchOutput();
      this.#flushBytes = next;
      // The end of the turn still takes what comes after this.
      this.#announced = true;
    }
  }

  /** Writes bytes as they are: the preface. */
  raw(bytes: Uint8Array): void {
    this.#writer.writeBytes(bytes);
    this.#writer.seal();
  }

  setWritable(on: boolean): void {
    this.#writable = on;
    if (on) this.pump();
  }

  /** Sends a block of fields as HEADERS and as many CONTINUATION frames as it needs. */
  headers(id: number, template: FieldTemplate, extra: readonly string[] | undefined, last: boolean): void {
    const writer = this.#writer;
    this.callFrames++;
    writer.seal();
    writer.ensure(frameHeaderBytes + 64);
    writer.position += frameHeaderBytes;
    this.#encodeTemplate(template);
    if (extra !== undefined) this.#encodeFields(extra);
    const length = writer.offset() - frameHeaderBytes;
    const endStream = last ? FrameFlag.endStream : 0;
    if (length <= this.peer.maxFrameSize) {
      const typeAndFlags = (FrameType.headers << 8) | FrameFlag.endHeaders | endStream;
      writeFrameHeader(writer.bytes, writer.mark, length, typeAndFlags, id);
      writer.seal();
      return;
    }
    const block = writer.bytes.slice(writer.mark + frameHeaderBytes, writer.position);
    writer.rewind(0);
    for (let at = 0; at < block.length; at += this.peer.maxFrameSize) {
      const end = Math.min(at + this.peer.maxFrameSize, block.length);
      const type = at === 0 ? (FrameType.headers << 8) | endStream : FrameType.continuation << 8;
      this.#frame(type | (end === block.length ? FrameFlag.endHeaders : 0), id, block.subarray(at, end));
    }
  }

  /** Opens a DATA frame at the end of the output: the caller writes its payload. */
  beginData(): Writer {
    const writer = this.#writer;
    writer.seal();
    writer.ensure(frameHeaderBytes + 256);
    writer.position += frameHeaderBytes;
    return writer;
  }

  abandonData(): void {
    this.#writer.rewind(0);
  }

  /** Ends the open DATA frame, or takes it back and holds it when there is no credit or no room in the socket. */
  commitData(stream: Http2Stream, last: boolean): "sent" | "held" {
    const writer = this.#writer;
    const length = writer.offset() - frameHeaderBytes;
    if (
      stream.held === undefined &&
      this.#writable &&
      // An empty frame needs no window, not even a negative one.
      (length === 0 || (length <= this.sendWindow && length <= stream.sendWindow)) &&
      length <= this.peer.maxFrameSize
    ) {
      writeFrameHeader(writer.bytes, writer.mark, length, last ? FrameFlag.endStream : 0, stream.id);
      writer.seal();
      this.callFrames++;
      this.sendWindow -= length;
      stream.sendWindow -= length;
      return "sent";
    }
    const part = writer.takeOpen(frameHeaderBytes);
    writer.rewind(0);
    this.hold(stream, part, last);
    this.#committing = stream;
    this.pump();
    this.#committing = undefined;
    return stream.held === undefined ? "sent" : "held";
  }

  /** Ends a stream that holds nothing. An empty frame needs no window. */
  endData(id: number): void {
    this.callFrames++;
    this.#frame(FrameFlag.endStream, id, new Uint8Array(0));
  }

  /** Puts a piece of body behind what the stream holds already. */
  hold(stream: Http2Stream, part: Uint8Array, ends: boolean): void {
    stream.held ??= { parts: new Fifo(), at: 0, bytes: 0, sentBytes: 0, seenBytes: -1, ends: false, tail: undefined };
    // An empty piece would wait for credit that it does not need.
    if (part.length > 0) stream.held.parts.push(part);
    stream.held.bytes += part.length;
    this.#heldOutput.add(part.length);
    stream.held.ends ||= ends;
    this.wake(stream);
  }

  /** Lets a stream that holds something take part in `pump` again. */
  wake(stream: Http2Stream): void {
    if (stream.held === undefined || stream.waiting || stream.closed) return;
    stream.waiting = true;
    this.#waiting.push(stream);
  }

  /** Lets go of a stream that has ended: it may be one that waits for credit which never comes. */
  forget(stream: Http2Stream): void {
    if (stream.held !== undefined) this.#heldOutput.add(-stream.held.bytes);
    stream.held = undefined;
    if (!stream.waiting) return;
    stream.waiting = false;
    this.#waiting.splice(this.#waiting.indexOf(stream), 1);
  }

  /** Sends held bodies while there is credit, a frame a stream in turn. */
  pump(): void {
    const waiting = this.#waiting;
    while (waiting.length > 0 && this.#writable) {
      const stream = waiting[0] as Http2Stream;
      if (!stream.closed && this.#hasBody(stream) && this.sendWindow <= 0) return;
      waiting.shift();
      stream.waiting = false;
      if (stream.closed || stream.held === undefined) continue;
      if (this.#hasBody(stream) && stream.sendWindow <= 0) continue;
      this.#sendHeld(stream);
    }
  }

  rstStream(id: number, code: ResetCode): void {
    this.#frame(FrameType.rstStream << 8, id, uint32Bytes(errorCodeNumber(code)));
  }

  windowUpdate(id: number, bytes: number): void {
    this.#frame(FrameType.windowUpdate << 8, id, uint32Bytes(bytes));
  }

  /** `entries`: ids and values in turn. */
  settings(entries: readonly number[]): void {
    const payload = new Uint8Array(entries.length * 3);
    for (let index = 0; index < entries.length; index += 2) {
      const id = entries[index] as number;
      payload[index * 3] = id >>> 8;
      payload[index * 3 + 1] = id;
      payload.set(uint32Bytes(entries[index + 1] as number), index * 3 + 2);
    }
    this.#frame(FrameType.settings << 8, 0, payload);
  }

  settingsAck(): void {
    this.#frame((FrameType.settings << 8) | FrameFlag.ack, 0, new Uint8Array(0));
  }

  ping(payload: Uint8Array, ack: boolean): void {
    this.#frame((FrameType.ping << 8) | (ack ? FrameFlag.ack : 0), 0, payload);
  }

  /** `debug` is cut to 512 characters; only ASCII of it is sent as it is. */
  goAway(lastId: number, code: ResetCode, debug: string): void {
    const text = debug.slice(0, 512);
    const payload = new Uint8Array(8 + text.length);
    payload.set(uint32Bytes(lastId & maxUint31), 0);
    payload.set(uint32Bytes(errorCodeNumber(code)), 4);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      payload[8 + index] = code < 128 ? code : 0x3f;
    }
    this.#frame(FrameType.goAway << 8, 0, payload);
  }

  /** Follows the peer's SETTINGS; `peer` has already been changed. */
  settingsChanged(): void {
    this.#encoder.setPeerMaxTableBytes(Math.min(this.peer.minHeaderTableSize, this.peer.headerTableSize));
    this.#encoder.setPeerMaxTableBytes(this.peer.headerTableSize);
  }

  #hasBody(stream: Http2Stream): boolean {
    return stream.held !== undefined && stream.held.parts.length > 0;
  }

  #sendHeld(stream: Http2Stream): void {
    const held = stream.held as NonNullable<Http2Stream["held"]>;
    const part = held.parts.first;
    if (part !== undefined) {
      const rest = part.length - held.at;
      const count = Math.min(rest, this.sendWindow, stream.sendWindow, this.peer.maxFrameSize);
      const lastFrame = count === rest && held.parts.length === 1 && held.ends && held.tail === undefined;
      this.#frame(lastFrame ? FrameFlag.endStream : 0, stream.id, part.subarray(held.at, held.at + count));
      this.callFrames++;
      this.sendWindow -= count;
      stream.sendWindow -= count;
      held.at += count;
      held.bytes -= count;
      held.sentBytes += count;
      this.#heldOutput.add(-count);
      if (count === rest) {
        held.parts.shift();
        held.at = 0;
      }
      if (held.parts.length > 0) {
        if (stream.sendWindow > 0) this.wake(stream);
        return;
      }
      if (lastFrame) return this.#sentAll(stream, true);
    }
    if (held.tail !== undefined) this.headers(stream.id, held.tail.template, held.tail.extra, true);
    else if (held.ends) this.endData(stream.id);
    this.#sentAll(stream, held.ends || held.tail !== undefined);
  }

  #sentAll(stream: Http2Stream, ended: boolean): void {
    stream.held = undefined;
    if (stream !== this.#committing) this.#onSent(stream, ended);
  }

  #frame(typeAndFlags: number, id: number, payload: Uint8Array): void {
    const writer = this.#writer;
    writer.seal();
    writer.ensure(frameHeaderBytes);
    writeFrameHeader(writer.bytes, writer.position, payload.length, typeAndFlags, id);
    writer.position += frameHeaderBytes;
    if (payload.length >= minLentBytes) writer.writeLent(payload);
    else writer.writeBytes(payload);
    writer.seal();
  }

  #encodeTemplate(template: FieldTemplate): void {
    const known = this.#templates.get(template);
    if (known !== undefined && known.generation === this.#encoder.generation) {
      this.#writer.writeBytes(known.block);
      return;
    }
    const before = this.#encoder.generation;
    this.#encoder.beginBlock(this.#writer);
    const from = this.#writer.offset();
    this.#encodeFields(template.list);
    if (this.#encoder.generation !== before) return;
    if (this.#templates.size >= maxEncodedTemplates) this.#templates.clear();
    const block = this.#writer.bytes.slice(this.#writer.mark + from, this.#writer.position);
    this.#templates.set(template, { generation: before, block });
  }

  #encodeFields(list: readonly string[]): void {
    for (let index = 0; index < list.length; index += 2) {
      const name = list[index] as string;
      const value = list[index + 1] as string;
      // A channel has few paths and calls each of them often.
      const indexing = name === ":path" ? "index" : defaultIndexing(name, value);
      this.#encoder.encodeField(this.#writer, name, value, indexing);
    }
  }
}

function uint32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
