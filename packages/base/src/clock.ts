/** How a timer of a clock is made. */
export interface TimerOptions {
  /** The process may end before it, as with `unref` of Node's timers. Default false. */
  readonly unref?: boolean;
}

/** Time, given from outside so that tests need not wait. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Runs `task` once after `ms` milliseconds, unless the returned function was called before. */
  after(ms: number, task: () => void, options?: TimerOptions): () => void;
}

/** The machine's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, task, options) {
    const timer = setTimeout(task, ms);
    if (options?.unref) timer.unref?.();
    return () => clearTimeout(timer);
  },
};
