// RPC layer: the answer to a request that is not looked at: it was not processed, and may be made again (RFC 9113 section 8.7).
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";

const ignore = (): void => {};
const nobody: ExchangeOwner = { onHead: ignore, onBody: ignore, onTail: ignore, onWritable: ignore, onReset: ignore };

export function refuseStream(exchange: Exchange): ExchangeOwner {
  exchange.reset("REFUSED_STREAM");
  return nobody;
}
