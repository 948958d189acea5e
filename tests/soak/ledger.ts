// Soak: one byte for each call, by its number: on the client what it was told of the call, on the server what its handler
// did. Pages are made as calls come, outside the heap, so that keeping the books is not taken for a leak.

export const pageBytes = 1 << 20;

export class Ledger {
  readonly pages: Uint8Array[];

  constructor(pages: readonly Uint8Array[] = []) {
    this.pages = [...pages];
  }

  get bytes(): number {
    return this.pages.length * pageBytes;
  }

  get(number: number): number {
    return this.pages[Math.floor(number / pageBytes)]?.[number % pageBytes] ?? 0;
  }

  set(number: number, value: number): void {
    const page = Math.floor(number / pageBytes);
    while (this.pages.length <= page) this.pages.push(new Uint8Array(pageBytes));
    (this.pages[page] as Uint8Array)[number % pageBytes] = value;
  }
}

/** What the handlers of each call did: how often they were entered in the low half of its byte, how often left in the high. */
export class Record {
  readonly ledger: Ledger;

  constructor(ledger: Ledger = new Ledger()) {
    this.ledger = ledger;
  }

  start(number: number): void {
    const byte = this.ledger.get(number);
    if ((byte & 15) < 15) this.ledger.set(number, byte + 1);
  }

  settle(number: number): void {
    const byte = this.ledger.get(number);
    if (byte >> 4 < 15) this.ledger.set(number, byte + 16);
  }

  of(number: number): { readonly starts: number; readonly settles: number } {
    const byte = this.ledger.get(number);
    return { starts: byte & 15, settles: byte >> 4 };
  }
}

/** How a call ended for its client, as the byte of its ledger; 0 is a call that was never made. */
export const words = ["none", "open", "OK", "not-executed", "executed", "unknown", "left"] as const;
export type Word = (typeof words)[number];

export const codeOf = (word: Word): number => words.indexOf(word);

/** What is wrong with a call that ended by `word` and whose handlers did that; undefined when nothing is. */
export function judgeCall(word: Word, starts: number, settles: number): string | undefined {
  if (word === "open") return "never ended";
  if (word === "none") return starts > 0 ? "ran and was never made" : undefined;
  if (starts > 1) return `ran ${starts} times`;
  if (settles !== starts) return "its handler has not settled";
  if (word === "not-executed") return starts > 0 ? "is called not-executed and ran" : undefined;
  if (word === "unknown") return undefined;
  return starts === 0 ? `is called ${word} and never ran` : undefined;
}

export interface Judgement {
  /** Calls by their words. */
  readonly counts: Readonly<{ [word in Word]: number }>;
  readonly wrong: number;
  /** What is wrong with the first of them. */
  readonly breaches: readonly string[];
}

const maxBreaches = 20;

/** Holds what clients were told of the first `count` calls against what the handlers did. */
export function judgeCalls(told: Ledger, record: Record, count: number): Judgement {
  const counts = { none: 0, open: 0, OK: 0, "not-executed": 0, executed: 0, unknown: 0, left: 0 };
  const breaches: string[] = [];
  let wrong = 0;
  for (let number = 0; number < count; number++) {
    const word = words[told.get(number)] as Word;
    counts[word]++;
    const { starts, settles } = record.of(number);
    const fault = judgeCall(word, starts, settles);
    if (fault === undefined) continue;
    wrong++;
    if (breaches.length < maxBreaches) breaches.push(`call ${number} ${fault}`);
  }
  return { counts, wrong, breaches };
}
