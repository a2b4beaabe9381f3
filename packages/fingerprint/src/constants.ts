/** Length of a SHA-256 digest, in bytes. */
export const DIGEST_BYTES = 32;

/** Largest text taken for one fingerprint, in characters: `sha-256 ` and 32 hex pairs with colons are 103. */
export const MAX_FINGERPRINT_CHARS = 128;

/** Largest session description read for its fingerprint, in characters: the cap of `@ouro/signaling`, doubled for UTF-16. */
export const MAX_SDP_CHARS = 128 * 1024;

/** Largest identity file read, in bytes. A P-256 certificate and its key are under 2 KiB. */
export const MAX_IDENTITY_BYTES = 64 * 1024;

/** Largest `authorized_fingerprints` read, in bytes: room for ten thousand peers with labels. */
export const MAX_AUTHORIZED_BYTES = 1024 * 1024;

/** Longest label of a peer, in characters: it is shown in one line of a terminal. */
export const MAX_LABEL_CHARS = 200;

/** Years that a new certificate is valid. WebRTC trusts the fingerprint, not the date, but tools warn of expired ones. */
export const VALID_YEARS = 10;

/** Shortest bearer token accepted, in characters: 128 random bits in base64url. */
export const MIN_TOKEN_CHARS = 22;

/** Longest bearer token looked at, in characters; RFC 6750 sets no limit, HTTP servers cut headers at 8-16 KiB. */
export const MAX_TOKEN_CHARS = 4096;

/** Most bearer tokens of one authorizer: each request is compared with all of them. */
export const MAX_TOKENS = 1000;

/** Permission bits of files that hold secrets. */
export const SECRET_FILE_MODE = 0o600;

/** Permission bits of directories made for them. */
export const SECRET_DIRECTORY_MODE = 0o700;

/** How long a writer waits for another one's lock on the same file, in ms: a write takes a few ms, a busy disk seconds. */
export const LOCK_WAIT_MS = 10_000;

/** Pause between two looks at a taken lock, in ms. */
export const LOCK_POLL_MS = 20;

/** Age at which a lock counts as left behind by a dead process, in ms: more than any write takes, less than the wait. */
export const LOCK_STALE_MS = 5_000;

/**
 * A file changed this short before it was read, in ms, may change again without a new time stamp (time stamps
 * are as coarse as 10 ms on Linux and 2 s on FAT), so it is read anew the next time.
 */
export const STAMP_GRANULARITY_MS = 2_500;
