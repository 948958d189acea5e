// RPC layer: what a program gives to be sent: how it is opened, how it is let go before its end, and why a message is refused
// that comes too late. It knows no call.
import { UsageError } from "./call-error.ts";

/** Why a message behind the last one is refused. */
export function sentAfterEnd(): UsageError {
  return new UsageError("BAD_OPTION", "the call was ended: no message can follow end()");
}

/** Why a message is refused that nobody takes any more. */
export function sentTooLate(): UsageError {
  return new UsageError("BAD_OPTION", "the call has ended: the server has answered, nothing more can be sent");
}

type Opener = () => AsyncIterator<unknown> | Iterator<unknown>;

/** What opens an iterator of the messages that a program gives to be sent. Throws a `UsageError` for what is no iterable. */
export function checkRequests(source: unknown): Opener {
  const both = (typeof source === "object" ? source : null) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  > | null;
  const open = both?.[Symbol.asyncIterator] ?? both?.[Symbol.iterator];
  if (typeof open === "function") return open.bind(both);
  const given = typeof source === "object" && source !== null ? "an object without an iterator" : String(source);
  throw new UsageError("BAD_OPTION", `the messages to send are ${given}; give an iterable, or nothing to push them`);
}

/** Leaves an iterator before its end. What it throws then is nobody's any more: the call is over. */
export async function letGo(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {}
}
