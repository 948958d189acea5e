// HTTP layer: whether a peer's silence may be judged now. A program that was busy has not read what came meanwhile: its timers
// come late, and before its sockets. It reads no clock.

/** A timer later than this was held up by the program. */
const maxLateMs = 20;
/** Time to read what came meanwhile. */
const catchUpMs = 50;

/** When to judge instead of `now`, where a judgement due at `dueAt` comes late; undefined: now. */
export function catchUpAt(now: number, dueAt: number): number | undefined {
  return now - dueAt > maxLateMs ? now + catchUpMs : undefined;
}
