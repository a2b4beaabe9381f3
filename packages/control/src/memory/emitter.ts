type Listener<Event> = (event: Event) => void;

interface Entry<Event> {
  readonly type: string;
  readonly listener: Listener<Event>;
  readonly once: boolean;
}

/** The listeners of one object. One that throws is reported as an uncaught error and disturbs no other. */
export class Emitter<Event> {
  #entries: Entry<Event>[] = [];

  add(type: string, listener: Listener<Event>, options?: { once?: boolean; signal?: AbortSignal }): void {
    if (options?.signal?.aborted) return;
    if (this.#entries.some((entry) => entry.type === type && entry.listener === listener)) return;
    this.#entries.push({ type, listener, once: options?.once ?? false });
    options?.signal?.addEventListener('abort', () => this.remove(type, listener), { once: true });
  }

  remove(type: string, listener: Listener<Event>): void {
    this.#entries = this.#entries.filter((entry) => entry.type !== type || entry.listener !== listener);
  }

  emit(type: string, event: Event): void {
    for (const entry of this.#entries.filter((one) => one.type === type)) {
      if (!this.#entries.includes(entry)) continue;
      if (entry.once) this.remove(type, entry.listener);
      try {
        entry.listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** How many listen, for tests of leaks. */
  get count(): number {
    return this.#entries.length;
  }
}
