// Attacks: requests to the target, as frames.
import { data, type FieldList, frame, headers, literalBlock } from "../support/http2-frames.ts";
import { grpcMessage, grpcRequest } from "../support/rpc-peer.ts";
import { Packet } from "./contract.ts";

export type Method = "Echo" | "Hold" | "Large" | "Upload";

/** The id of the stream of a round. */
export const idOf = (round: number): number => 2 * round + 1;

export const fieldsOf = (method: Method, extra: FieldList = []): FieldList =>
  grpcRequest(`/attacks.Target/${method}`, extra);

/** Bytes of HEADERS for any stream: the id is written in. */
function template(bytes: Buffer): (id: number) => Buffer {
  return (id) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE(id, 5);
    return copy;
  };
}

export const head: Readonly<Record<Method, (id: number) => Buffer>> = {
  Echo: template(headers(0, fieldsOf("Echo"))),
  Hold: template(headers(0, fieldsOf("Hold"))),
  Large: template(headers(0, fieldsOf("Large"))),
  Upload: template(headers(0, fieldsOf("Upload"))),
};

/** A whole request. */
export function request(id: number, method: Method, packet: { readonly size?: number } = {}): Buffer {
  return Buffer.concat([head[method](id), data(id, grpcMessage(Packet.encode(packet)), true)]);
}

/** HEADERS, and CONTINUATION frames where one frame does not take the block. */
export function blockFrames(id: number, block: Buffer): Buffer[] {
  const pieces = Math.max(1, Math.ceil(block.length / 16_384));
  return Array.from({ length: pieces }, (_, index) =>
    frame({
      type: index === 0 ? "HEADERS" : "CONTINUATION",
      flags: index === pieces - 1 ? 4 : 0,
      id,
      payload: block.subarray(index * 16_384, (index + 1) * 16_384),
    }),
  );
}

export const blockOf = (fields: FieldList): Buffer => literalBlock(fields);
