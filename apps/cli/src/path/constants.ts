/** How often the path is looked at, in milliseconds; a look costs some 50 microseconds. */
export const LOOK_EVERY_MS = 100;

/** Silence after which the far end is asked, in milliseconds: below the 2 s at which ICE asks by itself. */
export const PING_AFTER_MS = 1200;

/** Least time between two questions, in milliseconds. */
export const PING_EVERY_MS = 400;

/**
 * Silence after which a connection is over whose endpoint refuses a restart, in milliseconds: a path that only falters
 * has come back by then.
 */
export const REFUSED_AFTER_MS = 6000;

/** Silence after which the path counts as gone, in milliseconds: at least three questions without an answer. */
export const GONE_AFTER_MS = 3000;

/** The same after this machine's addresses have changed, or after it slept, in milliseconds: a round trip of a slow path. */
export const SUSPECT_AFTER_MS = 1000;

/** How late a look may be before it means that this process was stopped, in milliseconds. */
export const STOPPED_MS = 1000;

/** First and longest pause between two attempts to find a path, in milliseconds; it doubles. */
export const RETRY_MIN_MS = 500;
export const RETRY_MAX_MS = 5000;

/** How long one attempt may take, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 6000;

/** How long a path is looked for, in milliseconds. An agent gives up sooner, unless its owner allows more. */
export const GIVE_UP_MS = 300_000;

/** Round trips remembered: at one each 2 s, the last minutes. */
export const MAX_RTT_SAMPLES = 256;

/** Round trips measured by `ouro status`, and the pause between two in milliseconds: a second in all. */
export const STATUS_PINGS = 20;
export const STATUS_PING_EVERY_MS = 50;
