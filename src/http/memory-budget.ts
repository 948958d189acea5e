// HTTP layer: memory that the peers of many connections may make one program hold, as a number that is counted. It holds
// nothing itself.

export class MemoryBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Whether so many bytes more would be too many. */
  isShortOf(bytes: number): boolean {
    return this.usedBytes + bytes > this.maxBytes;
  }
}
