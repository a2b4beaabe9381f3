/** Whole time from the start of a connection to its first pane, in milliseconds, when the user names none. A slow link with a lost packet at each step needs about 10 s; after 30 s a person has given up. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

/** Longest time a user may ask to wait for a connection, in seconds: one hour, well inside the range of a timer. */
export const MAX_CONNECT_TIMEOUT_S = 3600;

/** How long a step may take before its progress is shown, in milliseconds: below it, a line that comes and goes only disturbs. */
export const PROGRESS_AFTER_MS = 1000;

/** How often shown progress is drawn anew, in milliseconds: its only moving part counts seconds. */
export const PROGRESS_EVERY_MS = 1000;

/**
 * How long the far end may leave consent checks (RFC 7675) unanswered, in milliseconds: a dead agent must be reported
 * within 15 s, and the last answer may have come just before.
 */
export const CONSENT_TIMEOUT_MS = 10_000;

/** How long an orderly goodbye may take at the end, in milliseconds: the far end notices a vanished client by itself. */
export const GOODBYE_MS = 500;

/** How long a command may take to end after SIGTERM or SIGHUP was handed on to it, in milliseconds. */
export const SIGNAL_GRACE_MS = 1_000;

/** Largest known hosts file accepted, in bytes: over 10,000 hosts. More is not this program's own file. */
export const MAX_KNOWN_HOSTS_BYTES = 4 * 1024 * 1024;

/** Longest target accepted, in characters: the common limit of URLs. */
export const MAX_TARGET_LENGTH = 2048;

/** Longest pause between two tries to write to an output that is full and cannot wait by itself, in milliseconds. */
export const OUTPUT_RETRY_MS = 16;

/** Exit code for a wrong command line: EX_USAGE of sysexits(3). */
export const EXIT_USAGE = 64;

/** A command that a signal ended exits, as in every shell, with this plus the signal's number. */
export const EXIT_SIGNAL_BASE = 128;

/** Size of a forced terminal where no local one tells its own: the VT100's. */
export const FALLBACK_SIZE = { rows: 24, cols: 80 } as const;

/** Largest HTTP reply read, head and all, in bytes: an answer of the largest session description and its head. */
export const MAX_HTTP_REPLY_BYTES = 128 * 1024;

/** How long a server whose TLS certificate is not trusted may take to show it once more, in milliseconds. */
export const TLS_PROBE_TIMEOUT_MS = 3_000;

/** How long WebRTC may look for a path before a session stays with SSH, in milliseconds: checks over a slow, lossy link need about 3 s. */
export const DEFAULT_ICE_TIMEOUT_MS = 6_000;

/** Longest text typed at a prompt, in characters: a passphrase is a sentence at most. */
export const MAX_ANSWER_LENGTH = 1024;

/** Largest `client.toml` read, in bytes: a list of servers is under 2 KiB. */
export const MAX_CLIENT_CONFIG_BYTES = 64 * 1024;

/**
 * How long the first try looks for a path when the host has announced servers that it did not know of, in milliseconds:
 * a path without them is found in a second or two.
 */
export const FIRST_TRY_MS = 5_000;
