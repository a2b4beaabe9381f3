/** What a message is (RFC 8831 section 8). Empty ones have their own number, since SCTP cannot carry nothing. */
export const PPID = { dcep: 50, text: 51, binary: 53, emptyText: 56, emptyBinary: 57 } as const;

/** RFC 8832 section 8.2. */
export const DCEP = { ack: 2, open: 3 } as const;

/**
 * How long a channel that we opened stays, at least, in milliseconds. A browser that is told of the end of a channel
 * before its page was told of the beginning throws away what came in between; 5 are enough for one that is idle.
 */
export const MIN_CHANNEL_LIFE_MS = 100;

/** Most channels at once on one connection. A session has one for control and two for each pane. */
export const MAX_CHANNELS = 1024;

/** Longest label and longest protocol name taken, in bytes of UTF-8. Older clients put a whole command line into the label. */
export const MAX_NAME_BYTES = 8 * 1024;

/** Most bytes given to `send` and not sent yet, per channel. Who writes without looking at `bufferedAmount` learns it here. */
export const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** Largest message of a far end that does not say what it takes (RFC 8841 section 6.1). */
export const DEFAULT_REMOTE_MAX_MESSAGE_BYTES = 64 * 1024;
