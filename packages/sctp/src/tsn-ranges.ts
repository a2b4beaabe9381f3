import { tsnDistance, tsnPlus } from './serial.ts';

/** Which TSNs came: all up to `cumulative`, and ranges after it (RFC 9260 section 6.2). */
export class TsnRanges {
  #cumulative: number;
  /** In order, not touching, all after the cumulative TSN. Ends included. */
  #ranges: { start: number; end: number }[] = [];

  /** @param cumulative the TSN before the first one that is expected */
  constructor(cumulative: number) {
    this.#cumulative = cumulative;
  }

  get cumulative(): number {
    return this.#cumulative;
  }

  get hasGaps(): boolean {
    return this.#ranges.length > 0;
  }

  /** The ranges as offsets from the cumulative TSN. */
  get gaps(): [start: number, end: number][] {
    return this.#ranges.map(({ start, end }) => [
      tsnDistance(this.#cumulative, start),
      tsnDistance(this.#cumulative, end),
    ]);
  }

  has(tsn: number): boolean {
    if (tsnDistance(this.#cumulative, tsn) <= 0) return true;
    return this.#ranges.some(({ start, end }) => tsnDistance(start, tsn) >= 0 && tsnDistance(tsn, end) >= 0);
  }

  /** One TSN that was not there before. */
  add(tsn: number): void {
    if (tsn === tsnPlus(this.#cumulative, 1)) {
      this.#cumulative = tsn;
      this.#absorb();
    } else this.#insert(tsn);
  }

  /** All up to `tsn` count as received (RFC 3758 section 3.6). */
  forward(tsn: number): void {
    if (tsnDistance(this.#cumulative, tsn) <= 0) return;
    this.#cumulative = tsn;
    this.#ranges = this.#ranges.filter(({ end }) => tsnDistance(tsn, end) > 0);
    this.#absorb();
  }

  #absorb(): void {
    for (;;) {
      const first = this.#ranges[0];
      if (first === undefined || tsnDistance(this.#cumulative, first.start) > 1) return;
      if (tsnDistance(this.#cumulative, first.end) > 0) this.#cumulative = first.end;
      this.#ranges.shift();
    }
  }

  #insert(tsn: number): void {
    let after = this.#ranges.length;
    while (after > 0 && tsnDistance(tsn, this.#ranges[after - 1]?.start ?? tsn) > 0) after -= 1;
    const before = this.#ranges[after - 1];
    const next = this.#ranges[after];
    const touchesBefore = before !== undefined && tsnPlus(before.end, 1) === tsn;
    const touchesNext = next !== undefined && tsnPlus(tsn, 1) === next.start;
    if (touchesBefore && touchesNext) {
      before.end = next.end;
      this.#ranges.splice(after, 1);
    } else if (touchesBefore) before.end = tsn;
    else if (touchesNext) next.start = tsn;
    else this.#ranges.splice(after, 0, { start: tsn, end: tsn });
  }
}
