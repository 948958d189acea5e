// RPC layer: who is to be told when a signal is aborted. A program may give one signal to all its calls: however many they
// are, the signal gets one listener, for machines warn of more than ten as of a leak.

/** Told once, with the signal's reason. */
export interface Abortable {
  onAbort(reason: unknown): void;
}

interface Group {
  readonly members: Set<Abortable>;
  readonly listener: () => void;
}

/** The signals that are listened to, with one listener each. */
export class AbortSignals {
  readonly #groups = new WeakMap<AbortSignal, Group>();

  /** Adds a member; nobody is told of a signal that is aborted already. */
  add(signal: AbortSignal, member: Abortable): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      const members = new Set<Abortable>();
      const listener = (): void => {
        this.#groups.delete(signal);
        for (const one of members) one.onAbort(signal.reason);
      };
      group = { members, listener };
      this.#groups.set(signal, group);
      signal.addEventListener("abort", listener, { once: true });
    }
    group.members.add(member);
  }

  /** Takes a member out; nothing when it is not in. */
  remove(signal: AbortSignal, member: Abortable): void {
    const group = this.#groups.get(signal);
    if (group === undefined || !group.members.delete(member) || group.members.size > 0) return;
    signal.removeEventListener("abort", group.listener);
    this.#groups.delete(signal);
  }
}
