// HPACK: the table that a connection's header blocks build up, as a ring of names and values (RFC 7541, sections 2.3
// and 4). Encoder and decoder hold one each. It never sees bytes: strings are latin1, so one char is one octet.

/** What an entry costs beyond its name and value, in octets (RFC 7541, section 4.1). */
export const entryOverhead = 32;

/** Told of each entry that leaves the table: its name, value, and the number under which it was inserted. */
export type EvictionListener = (name: string, value: string, insertion: number) => void;

/** A dynamic table. Entries are numbered from 1 in the order of their insertion. */
export class DynamicTable {
  /** Counts every insertion, eviction and resize; while it stands still, the same block means the same fields. */
  generation = 0;
  /** Number of the newest entry: entries inserted so far. */
  insertions = 0;
  /** Entries now in the table. */
  count = 0;
  /** Octets now in the table, overhead included. */
  bytes = 0;
  /** Octets that the table may hold. */
  maxBytes: number;
  #names: string[] = new Array(initialSlots).fill("");
  #values: string[] = new Array(initialSlots).fill("");
  readonly #onEvict: EvictionListener | undefined;

  constructor(maxBytes: number, onEvict?: EvictionListener) {
    this.maxBytes = maxBytes;
    this.#onEvict = onEvict;
  }

  /** Name of the entry that was inserted `age` insertions before the newest; `age` must be below `count`. */
  nameAt(age: number): string {
    return this.#names[(this.insertions - age) & (this.#names.length - 1)] as string;
  }

  /** Value of the entry that was inserted `age` insertions before the newest; `age` must be below `count`. */
  valueAt(age: number): string {
    return this.#values[(this.insertions - age) & (this.#values.length - 1)] as string;
  }

  /** Adds an entry, evicting the oldest to make room. Larger than the whole table, it only empties it; then false. */
  insert(name: string, value: string): boolean {
    const entryBytes = name.length + value.length + entryOverhead;
    this.generation++;
    this.#evictDownTo(this.maxBytes - entryBytes);
    if (entryBytes > this.maxBytes) return false;
    if (this.count === this.#names.length) this.#grow();
    const slot = ++this.insertions & (this.#names.length - 1);
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.count++;
    this.bytes += entryBytes;
    return true;
  }

  /** Sets `maxBytes`, evicting what no longer fits. */
  resize(maxBytes: number): void {
    this.generation++;
    this.maxBytes = maxBytes;
    this.#evictDownTo(maxBytes);
  }

  /** Evicts every entry. */
  clear(): void {
    this.generation++;
    this.#evictDownTo(0);
  }

  #evictDownTo(bytes: number): void {
    while (this.bytes > bytes && this.count > 0) {
      const insertion = this.insertions - this.count + 1;
      const slot = insertion & (this.#names.length - 1);
      const name = this.#names[slot] as string;
      const value = this.#values[slot] as string;
      this.#names[slot] = "";
      this.#values[slot] = "";
      this.count--;
      this.bytes -= name.length + value.length + entryOverhead;
      this.#onEvict?.(name, value, insertion);
    }
  }

  #grow(): void {
    const slots = this.#names.length * 2;
    const names: string[] = new Array(slots).fill("");
    const values: string[] = new Array(slots).fill("");
    for (let age = 0; age < this.count; age++) {
      const slot = (this.insertions - age) & (slots - 1);
      names[slot] = this.nameAt(age);
      values[slot] = this.valueAt(age);
    }
    this.#names = names;
    this.#values = values;
  }
}

/** A power of two, as is every later ring size. */
const initialSlots = 16;
