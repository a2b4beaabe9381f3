/** Time, given from outside so that tests need not wait. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Runs `task` once after `ms`, unless the returned function was called before. Does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}

/** The machine's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
