// Soak: what each call is and how it ends, decided by its number alone, so that a call that was found can be made again.
import { Work } from "./contract.ts";

export const kinds = ["ask", "list", "gather", "talk"] as const;
export type Kind = (typeof kinds)[number];

/** How the client ends the call, where it does not wait for the end. */
export type Ending = "wait" | "cancel-before" | "cancel-at-once" | "cancel-next-turn" | "leave";

export interface Plan {
  readonly number: number;
  readonly kind: Kind;
  readonly work: number;
  readonly ending: Ending;
  readonly timeoutMs: number;
  /** Messages sent, where a method streams them. */
  readonly requests: number;
  readonly replies: number;
  readonly payloadBytes: number;
  /** The call has a channel of its own, dialled for it and closed after it. */
  readonly isAlone: boolean;
}

export const maxPayloadBytes = 100_000;
const longMs = 20_000;

/** An even spread of 32 bits over the numbers, another one for each `salt`. */
function scatter(number: number, salt: number): number {
  let bits = Math.imul(number ^ (salt * 0x9e3779b1), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function kindOf(share: number): Kind {
  if (share < 70) return "ask";
  if (share < 80) return "list";
  return share < 90 ? "gather" : "talk";
}

/** Shares of 1,000 calls: 850 are answered at once, 30 later, 30 fail, 30 are late, 60 are left in one of four ways. */
function fateOf(share: number): Pick<Plan, "work" | "ending" | "timeoutMs"> {
  const plain = { work: Work.answer, ending: "wait", timeoutMs: longMs } as const;
  if (share < 850) return plain;
  if (share < 880) return { ...plain, work: Work.sleep };
  if (share < 910) return { ...plain, work: Work.fail };
  if (share < 940) return { ...plain, work: Work.hold, timeoutMs: share % 4 };
  if (share < 955) return { ...plain, ending: "cancel-before" };
  if (share < 970) return { ...plain, ending: "cancel-at-once" };
  if (share < 985) return { ...plain, work: Work.hold, ending: "cancel-next-turn" };
  return { ...plain, ending: "leave" };
}

function payloadOf(share: number): number {
  if (share === 0) return maxPayloadBytes;
  return share < 20 ? 20_000 : share % 100;
}

export function planCall(number: number): Plan {
  return {
    number,
    kind: kindOf(scatter(number, 1) % 100),
    ...fateOf(scatter(number, 2) % 1000),
    requests: 1 + (scatter(number, 3) % 4),
    replies: 1 + (scatter(number, 4) % 4),
    payloadBytes: payloadOf(scatter(number, 5) % 10_000),
    isAlone: scatter(number, 6) % 1000 === 0,
  };
}
