/**
 * Largest control message sent or taken, in bytes of UTF-8. Browsers announce `a=max-message-size:262144`
 * (RFC 8841 section 6), so nothing longer could reach them in one message.
 */
export const MAX_CONTROL_MESSAGE_BYTES = 256 * 1024;

/** Most requests of ours that wait for their reply: room for some hundred things that are restored at once. */
export const MAX_PENDING_REQUESTS = 512;

/** Most requests of the far end that are being worked on; one more is nacked. */
export const MAX_ACTIVE_REQUESTS = 512;

/** Most bytes of control messages that wait for the channel, over which the far end counts as not reading. */
export const MAX_OUTBOX_BYTES = 2 * 1024 * 1024;

/** Ids remembered of messages sent by `notify`, whose replies nobody waits for. */
export const MAX_NOTIFIED = 256;

/** How long a reply may take, in milliseconds: a slow mobile link recovers within it, a person still waits for it. */
export const REQUEST_TIMEOUT_MS = 15_000;

/** Longest `type` of a message, in UTF-16 units: several times the longest name in use. */
export const MAX_TYPE_LENGTH = 64;

/**
 * Largest message on a channel of bytes. 64 KiB is the default limit of RFC 8841 section 6.1, but peers that
 * read into a buffer of 65,535 bytes exist; 60 KiB reaches all and costs nothing.
 */
export const MAX_CHUNK_BYTES = 60 * 1024;

/**
 * Most bytes given to a channel and not yet taken by it. Enough for 20 MB/s at 6 ms round trip in the stack's
 * own queue, while the cost of every send grows with what is outstanding.
 */
export const MAX_OUTSTANDING_BYTES = 128 * 1024;

/** Most `write` calls that wait on one ChannelWriter. Callers should wait for each: the cap bounds those that do not. */
export const MAX_PENDING_WRITES = 256;

/** Longest text of a nack, in UTF-16 units: a few lines for a person. */
export const MAX_NACK_LENGTH = 1000;
