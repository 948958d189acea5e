// Benchmark, streams: what is streamed. A client obeys the names of works; each peer's program says how it is done.
import { obeyWorks, type Work } from "../support/closed-loop.ts";

export const smallBytes = 32;
export const largeBytes = 1024 * 1024;
/** Messages of one stream: many, so that the stream's own beginning and end count for little. */
export const smallCount = 5_000;
export const largeCount = 32;

/** A stream that a server is to send. */
export interface Order {
  readonly count: number;
  readonly bytes: number;
  /** How many messages leave before the server waits for a turn of its event loop; 0: it never waits. */
  readonly burst: number;
}

/** A peer's client. */
export interface StreamClient {
  /** Takes a stream; resolves to the bytes that came in its messages. */
  download(order: Order): Promise<number>;
  /** Sends a stream of small messages; resolves to the server's count of them. */
  upload(count: number): Promise<number>;
  /** Sends a small message on the one open stream and waits for the answer. */
  ping(): Promise<void>;
}

/** A small message's bytes. */
export const smallData = new Uint8Array(smallBytes).fill(0x61);

/** What a server sends for an order: the same bytes again and again. */
export function dataOf(bytes: number): Uint8Array {
  return bytes === smallBytes ? smallData : new Uint8Array(bytes).fill(0x62);
}

/** A turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function downloads(client: StreamClient, order: Order): Work {
  const expected = order.count * order.bytes;
  return {
    inFlight: 1,
    messages: order.count,
    call: (returned, failed) =>
      void client.download(order).then((bytes) => {
        if (bytes === expected) returned();
        else failed(new Error(`${bytes} bytes came, not ${expected}`));
      }, failed),
  };
}

function findWork(client: StreamClient, name: string, burst: number): Work {
  if (name === "small") {
    // Not more turns than a short measurement has time for.
    const count = burst === 0 ? smallCount : Math.min(smallCount, 1_000 * burst);
    return downloads(client, { count, bytes: smallBytes, burst });
  }
  if (name === "large") return downloads(client, { count: largeCount, bytes: largeBytes, burst: 0 });
  if (name === "chat") {
    return { inFlight: 1, messages: 1, call: (returned, failed) => void client.ping().then(returned, failed) };
  }
  if (name === "upload") {
    const call: Work["call"] = (returned, failed) =>
      void client.upload(smallCount).then((count) => {
        if (count === smallCount) returned();
        else failed(new Error(`the server counted ${count} messages, not ${smallCount}`));
      }, failed);
    return { inFlight: 1, messages: smallCount, call };
  }
  throw new Error(`unknown work: ${name}`);
}

/** Obeys lines of works until standard input ends; small messages come in bursts where a `burst` is given. */
export function obeyStreams(client: StreamClient, burst = 0): Promise<void> {
  return obeyWorks((name) => findWork(client, name, burst));
}
