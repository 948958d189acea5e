// HTTP/2 frames for tests, written from RFC 9113 alone, so that a mistake of the machine's own writer cannot hide here.
import { HpackDecoder } from "farcall/http2";

const frameTypes = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
] as const;

const errorNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export type FrameName = (typeof frameTypes)[number];
export type ErrorName = (typeof errorNames)[number];
export type FieldList = readonly (readonly [name: string, value: string])[];

export const endStream = 0x1;
export const ack = 0x1;
export const endHeaders = 0x4;
export const padded = 0x8;
export const priority = 0x20;

/** What a client sends first (RFC 9113 section 3.4). */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export interface RawFrame {
  readonly type: FrameName | number;
  readonly flags?: number;
  readonly id?: number;
  readonly payload?: Uint8Array;
}

/** Any frame at all, right or wrong. */
export function frame({ type, flags = 0, id = 0, payload = new Uint8Array(0) }: RawFrame): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = typeof type === "number" ? type : frameTypes.indexOf(type);
  header[4] = flags;
  header.writeUInt32BE(id, 5);
  return Buffer.concat([header, payload]);
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

/** A header block of literals without indexing and without the Huffman code: good in every state of the tables. */
export function literalBlock(fields: FieldList): Buffer {
  const text = (chars: string) => {
    const bytes = Buffer.from(chars, "latin1");
    const octets: number[] = [];
    let rest = bytes.length;
    if (rest < 127) octets.push(rest);
    else {
      octets.push(127);
      rest -= 127;
      for (; rest >= 128; rest >>= 7) octets.push((rest & 127) | 128);
      octets.push(rest);
    }
    return Buffer.concat([Buffer.from(octets), bytes]);
  };
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])));
}

export const requestFields: FieldList = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/dirs.Directories/List"],
  [":authority", "localhost"],
];
export const responseFields: FieldList = [[":status", "200"]];

export interface BlockFlags {
  readonly last?: boolean;
  /** False leaves END_HEADERS out: CONTINUATION must follow. */
  readonly whole?: boolean;
}

export function headers(id: number, fields: FieldList, { last = false, whole = true }: BlockFlags = {}): Buffer {
  const flags = (last ? endStream : 0) | (whole ? endHeaders : 0);
  return frame({ type: "HEADERS", flags, id, payload: literalBlock(fields) });
}

export function data(id: number, payload: Uint8Array | string | number, last = false): Buffer {
  const bytes = typeof payload === "number" ? Buffer.alloc(payload, 0x64) : Buffer.from(payload as string);
  return frame({ type: "DATA", flags: last ? endStream : 0, id, payload: bytes });
}

export function rstStream(id: number, code: ErrorName): Buffer {
  return frame({ type: "RST_STREAM", id, payload: uint32(errorNames.indexOf(code)) });
}

/** Numbers of RFC 9113 section 6.5.2 and their values. */
export function settings(...entries: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.concat(entries.map(([id, value]) => Buffer.concat([Buffer.of(id >> 8, id), uint32(value)])));
  return frame({ type: "SETTINGS", payload });
}

export const settingsAck: Buffer = frame({ type: "SETTINGS", flags: ack });

export function ping(payload: string, isAck = false): Buffer {
  return frame({ type: "PING", flags: isAck ? ack : 0, payload: Buffer.from(payload, "latin1") });
}

export function goAway(lastId: number, code: ErrorName, debug = ""): Buffer {
  const payload = Buffer.concat([uint32(lastId, errorNames.indexOf(code)), Buffer.from(debug, "latin1")]);
  return frame({ type: "GOAWAY", payload });
}

export function windowUpdate(id: number, increment: number): Buffer {
  return frame({ type: "WINDOW_UPDATE", id, payload: uint32(increment) });
}

/** A frame that was received, as far as its type has these. */
export interface SeenFrame {
  readonly type: FrameName;
  readonly id: number;
  readonly flags: number;
  readonly payload: Buffer;
  /** HEADERS: the fields of the whole block, its CONTINUATION frames included. */
  readonly fields?: FieldList;
  /** DATA and HEADERS. */
  readonly last?: boolean;
  /** RST_STREAM and GOAWAY. */
  readonly code?: ErrorName;
  /** GOAWAY. */
  readonly lastId?: number;
  readonly debug?: string;
  /** WINDOW_UPDATE. */
  readonly increment?: number;
  /** SETTINGS: numbers and values. Absent in an acknowledgement. */
  readonly entries?: readonly (readonly [id: number, value: number])[];
}

/** Takes bytes in any pieces and gives frames; checks what a sender must keep to in each of them. */
export class FrameParser {
  #rest = Buffer.alloc(0);
  #block: { readonly first: SeenFrame; readonly fragments: Buffer[] } | undefined;
  readonly #decoder = new HpackDecoder({
    limits: { maxFieldBytes: 1 << 24, maxListBytes: 1 << 24, maxFields: 1 << 16 },
  });
  readonly #announced: number[] = [];
  readonly #maxFrameBytes: number;

  constructor(maxFrameBytes = 16_384) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Our SETTINGS_HEADER_TABLE_SIZE was acknowledged. */
  setMaxTableBytes(maxBytes: number): void {
    this.#decoder.setMaxTableBytes(maxBytes);
  }

  /** Our SETTINGS_HEADER_TABLE_SIZE was sent: it holds from the next acknowledgement that is parsed. */
  announceTableBytes(maxBytes: number): void {
    this.#announced.push(maxBytes);
  }

  parse(bytes: Uint8Array): SeenFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const seen: SeenFrame[] = [];
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3);
      if (length > this.#maxFrameBytes) throw new Error(`a frame of ${length} bytes was sent`);
      if (this.#rest.length < 9 + length) break;
      const found = this.#parseFrame(this.#rest.subarray(0, 9), Buffer.from(this.#rest.subarray(9, 9 + length)));
      this.#rest = this.#rest.subarray(9 + length);
      if (found !== undefined) seen.push(found);
    }
    return seen;
  }

  /** Bytes that are no whole frame yet. */
  get restBytes(): number {
    return this.#rest.length;
  }

  #parseFrame(header: Buffer, payload: Buffer): SeenFrame | undefined {
    const type = frameTypes[header[3] as number];
    if (type === undefined) throw new Error(`a frame of type ${header[3]} was sent`);
    const flags = header[4] as number;
    const id = header.readUInt32BE(5);
    const plain: SeenFrame = { type, id, flags, payload };
    if (this.#block !== undefined && (type !== "CONTINUATION" || id !== this.#block.first.id)) {
      throw new Error(`${type} was sent within a header block`);
    }
    switch (type) {
      case "DATA":
        return { ...plain, last: (flags & endStream) !== 0 };
      case "HEADERS":
        this.#block = { first: { ...plain, last: (flags & endStream) !== 0 }, fragments: [] };
        return this.#addFragment(payload, flags);
      case "CONTINUATION":
        return this.#addFragment(payload, flags);
      case "RST_STREAM":
        return { ...plain, code: errorNameAt(payload, 0) };
      case "GOAWAY":
        return {
          ...plain,
          lastId: payload.readUInt32BE(0),
          code: errorNameAt(payload, 4),
          debug: payload.toString("latin1", 8),
        };
      case "WINDOW_UPDATE":
        return { ...plain, increment: payload.readUInt32BE(0) };
      case "SETTINGS":
        if ((flags & ack) === 0) return { ...plain, entries: parseSettings(payload) };
        this.#acknowledged();
        return plain;
      default:
        return plain;
    }
  }

  #acknowledged(): void {
    const maxBytes = this.#announced.shift();
    if (maxBytes !== undefined) this.#decoder.setMaxTableBytes(maxBytes);
  }

  #addFragment(payload: Buffer, flags: number): SeenFrame | undefined {
    if (this.#block === undefined) throw new Error("CONTINUATION was sent without HEADERS");
    this.#block.fragments.push(payload);
    if ((flags & endHeaders) === 0) return undefined;
    const block = Buffer.concat(this.#block.fragments);
    const { first } = this.#block;
    this.#block = undefined;
    const fields: (readonly [string, string])[] = [];
    const sink = { onField: (name: string, value: string) => fields.push([name, value]) };
    const fault = this.#decoder.decode(block, 0, block.length, sink);
    if (fault !== undefined) throw new Error(fault.message);
    return { ...first, fields };
  }
}

function errorNameAt(payload: Buffer, at: number): ErrorName {
  const name = errorNames[payload.readUInt32BE(at)];
  if (name === undefined) throw new Error("an unknown error code was sent");
  return name;
}

function parseSettings(payload: Buffer): (readonly [number, number])[] {
  return Array.from({ length: payload.length / 6 }, (_, index) => [
    payload.readUInt16BE(index * 6),
    payload.readUInt32BE(index * 6 + 2),
  ]);
}
