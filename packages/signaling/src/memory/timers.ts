/** Calls back once, after at least so many milliseconds; what it returns takes the timer back. */
export type StartTimer = (callback: () => void, milliseconds: number) => () => void;

/** The timers of the platform. */
export const startPlatformTimer: StartTimer = (callback, milliseconds) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};
