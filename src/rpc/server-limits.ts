// RPC layer: what the peers of a server can make grow, and how far. Its connections have limits of their own.
import { checkCount } from "./option-checks.ts";

/** Limits of one server, over all its connections. All are defaults that an option of the same name changes. */
export interface ServerLimits {
  /** Bytes of one request message, at most, after inflating. Checked when its length is read. Default 4 MiB. */
  readonly maxMessageBytes: number;
  /**
   * Connections open at once. One more waits a second for a GOAWAY that names this limit, then it is closed; of those that
   * wait there are 100 at most, others are reset. Default 10,000.
   */
  readonly maxConnections: number;
  /**
   * Calls whose handlers may run at once, over all connections; the next waits its turn. A call counts until its handler
   * (with the interceptors around it) has settled, whatever became of its client. Calls of administrative services
   * (`implement`) neither count nor wait. The default is for whoever comes again on new connections while the handlers of
   * the old ones run: give what the program can do at once. Default 100,000.
   */
  readonly maxConcurrentCalls: number;
  /**
   * Bytes that all clients together may make the server hold in messages of which a part has come and in replies that they do
   * not take; each connection has `maxPartialBytes` and `maxHeldBytes` of its own. Above it a connection that holds some gets
   * no more: its handlers and messages wait. Default 512 MiB.
   */
  readonly maxBufferedBytes: number;
  /** Calls that may wait for their turn; one more ends with RESOURCE_EXHAUSTED, not executed. Default 1,000. */
  readonly maxQueuedCalls: number;
}

export const defaultServerLimits: ServerLimits = {
  maxMessageBytes: 4 * 1024 * 1024,
  maxConnections: 10_000,
  maxBufferedBytes: 512 * 1024 * 1024,
  maxConcurrentCalls: 100_000,
  maxQueuedCalls: 1000,
};

/** The least that each may be. */
const least: ServerLimits = {
  maxMessageBytes: 0,
  maxConnections: 1,
  maxConcurrentCalls: 1,
  maxBufferedBytes: 0,
  maxQueuedCalls: 0,
};

/** All limits, the defaults filled in. Throws a `UsageError` that names the option. */
export function readServerLimits(options: Partial<ServerLimits>): ServerLimits {
  const limits: { -readonly [Name in keyof ServerLimits]: number } = { ...defaultServerLimits };
  for (const name of Object.keys(limits) as (keyof ServerLimits)[]) {
    limits[name] = options[name] ?? limits[name];
    checkCount(name, limits[name], least[name]);
  }
  return limits;
}
