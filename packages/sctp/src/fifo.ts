/** Items compacted away at once: rarely enough to cost nothing, often enough to keep the array near its content. */
const COMPACT_AT = 1024;

/** First in, first out, in constant time also when it is long (`Array.shift` moves everything). */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AT && 2 * this.#head >= this.#items.length) this.#compact();
    return item;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Iterator<Item> {
    for (let i = this.#head; i < this.#items.length; i += 1) {
      const item = this.#items[i];
      if (item !== undefined) yield item;
    }
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
