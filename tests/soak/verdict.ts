// Soak: what must be so at each quiet point and over all of them. A soak with a breach has failed.
import type { ChannelsSample } from "./channels.ts";
import type { ProcessSample } from "./sample.ts";
import type { ServerSample } from "./server-process.ts";

/** Both processes at a quiet point: no call is under way. */
export interface QuietPoint {
  readonly calls: number;
  readonly client: ProcessSample & ChannelsSample;
  readonly server: ServerSample;
}

const mebibyte = 1024 * 1024;
const callsToWarmUp = 300_000;

/**
 * The rule for «flat»: the median of the last third of the quiet points is above the median of the middle third by at most
 * this, 1 MiB. The first third warms caches, pools and the compiler up, and does not count. A soak whose first third is too
 * short for that may grow by 4 MiB.
 */
export function maxGrownBytes(calls: number): number {
  return calls / 3 >= callsToWarmUp ? mebibyte : 4 * mebibyte;
}

/** What is left at a quiet point and should not be, with its number. Sockets and deadlines have owners: the connections. */
export function leftAt({ client, server }: QuietPoint): string[] {
  const left = {
    "client: open calls": client.openCalls,
    "client: queued calls": client.queuedCalls,
    "client: channels that are not closed": client.closing,
    "client: deadlines without a connection": client.deadlines,
    "client: sockets without a connection": (client.handles["TCPSocketWrap"] ?? 0) - client.connections,
    "server: open calls": server.openCalls,
    "server: calls that hold a slot": server.runningCalls,
    "server: queued calls": server.queuedCalls,
    "server: buffered bytes": server.bufferedBytes,
    // A connection has two: its keep-alive, and its life.
    "server: deadlines without a connection": server.deadlines - 2 * server.connections,
    "server: sockets without a connection": (server.handles["TCPSocketWrap"] ?? 0) - server.connections,
  };
  return Object.entries(left)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what}: ${count}`);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Bytes by which memory grew from the middle third of the quiet points to the last. */
export function grownBytes(bytes: readonly number[]): number {
  const third = Math.floor(bytes.length / 3);
  return median(bytes.slice(-third)) - median(bytes.slice(-2 * third, -third));
}

/** What is wrong with the quiet points, and with what is left when all is closed. */
export function judgeHoldings(points: readonly QuietPoint[], ended: readonly Ended[]): string[] {
  const breaches = points.flatMap((point) => leftAt(point).map((left) => `after ${point.calls} calls, ${left}`));
  for (const side of ["client", "server"] as const) {
    const grown = grownBytes(points.map((point) => point[side].bytes));
    if (!(grown <= maxGrownBytes(points.at(-1)?.calls ?? 0))) breaches.push(`${side}: memory grew by ${grown} bytes`);
  }
  return [...breaches, ...ended.flatMap(judgeEnd)];
}

/** A process before its first call, and when all is closed. */
export interface Ended {
  readonly side: string;
  readonly before: ProcessSample;
  readonly after: ProcessSample;
}

function judgeEnd({ side, before, after }: Ended): string[] {
  return Object.entries(after.handles)
    .map(([kind, count]) => [kind, count - (before.handles[kind] ?? 0)] as const)
    .filter(([, more]) => more > 0)
    .map(([kind, more]) => `${side}: ${more} ${kind} left when all is closed`);
}
