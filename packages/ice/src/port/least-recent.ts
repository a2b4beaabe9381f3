/** Something that was heard at some time. */
interface Heard {
  /** Milliseconds of the clock. */
  readonly heardAt: number;
}

/** A map with a cap: what was silent longest makes place. */
export class LeastRecent<T extends Heard> {
  readonly #entries = new Map<string, T>();
  readonly #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** Adds, and gives those that had to go, already taken out; one that had the same key is among them. */
  add(key: string, entry: T): T[] {
    const gone: T[] = [];
    const same = this.#entries.get(key);
    if (same !== undefined && same !== entry) gone.push(same);
    this.#entries.delete(key);
    while (this.#entries.size >= this.#cap) gone.push(this.#takeOldest());
    this.#entries.set(key, entry);
    return gone;
  }

  /** Whether `entry` was there under `key`; it is not any more. */
  delete(key: string, entry: T): boolean {
    return this.#entries.get(key) === entry && this.#entries.delete(key);
  }

  /** A copy, so that entries may go while it is read. */
  values(): T[] {
    return [...this.#entries.values()];
  }

  #takeOldest(): T {
    const [first, ...rest] = this.#entries;
    if (first === undefined) throw new RangeError('A cap of zero holds nothing');
    const [key, entry] = rest.reduce((a, b) => (b[1].heardAt < a[1].heardAt ? b : a), first);
    this.#entries.delete(key);
    return entry;
  }
}
