// RPC layer: whether the handler ran, decided from what is proved of every attempt. The one place that says the word.

/** What is proved of one attempt of a call. */
export type AttemptProof =
  /** The first byte of its head was never passed to the socket. */
  | "unsent"
  /** REFUSED_STREAM, or GOAWAY below its id, with nothing received on its stream. */
  | "refused"
  /** The trailer `farcall-execution: not-executed` from a peer whose settings carried our marker. */
  | "not-executed"
  /** The trailer `farcall-execution: executed` from anywhere, or OK trailers. */
  | "executed"
  /** Nothing is proved. */
  | "none";

/** Whether the handler ran: a proof, not a guess. */
export type Execution =
  /** It has not started for this call and never will: the call may be made again. */
  | "not-executed"
  /** It ran and has settled. */
  | "executed"
  /** Neither is proved: it may have run, run now, or run later. Ask the server, or repeat what does no harm twice. */
  | "unknown";

/** The word for a call whose attempts, hedges included, have these proofs. Without any attempt nothing can have run. */
export function decideExecution(proofs: readonly AttemptProof[]): Execution {
  let unknown = false;
  for (const proof of proofs) {
    if (proof === "executed") return "executed";
    if (proof === "none") unknown = true;
  }
  return unknown ? "unknown" : "not-executed";
}
