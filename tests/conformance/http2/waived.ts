// Cases of h2spec and h2specd that must fail: what they ask for was RFC 7540's word and is not RFC 9113's.
import type { Waived } from "./h2spec.ts";

const streamErrorSuffices =
  "RFC 7540 section 5.1 wanted the connection closed for a frame after END_STREAM; RFC 9113 section 5.1 only allows that " +
  "(MAY), and a stream error of STREAM_CLOSED";

export const waived: readonly Waived[] = [
  {
    judge: "h2specd",
    name: "client/5.1/8",
    reason: `${streamErrorSuffices} is what its section 6.1 asks for on DATA; the other calls go on`,
  },
  { judge: "h2specd", name: "client/5.1/9", reason: `${streamErrorSuffices} leaves the other calls alone` },
];
