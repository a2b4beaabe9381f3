import { SignalingError } from '@ouro/signaling';

/** Runs tasks one after the other, in the order in which they came; at most `limit` of them wait or run. */
export class SerialQueue {
  readonly #limit: number;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws SignalingError `too-many`, and what the task throws */
  async run<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#count >= this.#limit) {
      throw new SignalingError(
        'too-many',
        'Too many requests for this session are waiting; send one after the other',
      );
    }
    this.#count += 1;
    const mine = this.#last.then(task);
    this.#last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#count -= 1;
    }
  }
}
