/** Largest config file read, in bytes; a long one is a few KiB. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** Longest path of a unix socket, in bytes: `sun_path` is 104 on macOS, 108 on Linux, both with a final NUL. */
export const MAX_SOCKET_PATH_BYTES = 103;

/** Largest log file, in bytes, before it is moved aside. */
export const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** How many moved-aside log files are kept. */
export const KEPT_LOGS = 2;

/** Largest clipboard that `copy` and `paste` carry, in bytes: what the session carries. */
export const MAX_CLIPBOARD_BYTES = 128 * 1024;

/** Largest line on the agent's own socket, in bytes: a clipboard, JSON-escaped (at most six-fold for control characters), and its envelope. */
export const MAX_LOCAL_LINE_BYTES = 6 * MAX_CLIPBOARD_BYTES + 1024;

/** Most connections to the agent's own socket at a time: commands of the user and `accept`s that are still negotiating. */
export const MAX_LOCAL_CONNECTIONS = 64;

/** How long a connection to the agent's socket may say nothing before it asks, in ms. */
export const LOCAL_IDLE_TIMEOUT_MS = 10_000;

/** How long the agent still reads from an `accept` that has its last word, in ms: it closes within a few. */
export const LOCAL_LINGER_MS = 2000;

/** How long a command waits for the running agent's reply, in ms. A live agent answers in a few. */
export const LOCAL_REPLY_TIMEOUT_MS = 3000;

/** How long a client may take to answer for its clipboard when the config does not say, in ms, and at most: its user may have to allow it. */
export const MAX_ACK_TIMEOUT_MS = 10_000;

/** How long an answer waits for more candidates once it has one when the config does not say, in ms: a server that answers does so sooner. */
export const DEFAULT_GATHERING_MS = 500;

/** How long `paste` waits for a client's clipboard, in ms: its user may have to allow it, and the session, which waits 10 s, tells best what happened. */
export const CLIPBOARD_TIMEOUT_MS = 12_000;

/** How long `start` waits for the daemon to say that it is ready or failed, in ms. */
export const START_TIMEOUT_MS = 15_000;

/** How long a stop may take in all, in ms; after it the process ends whatever still hangs. */
export const STOP_TIMEOUT_MS = 6000;

/** How long `stop` waits for the process to be gone, in ms: longer than the daemon's own limit. */
export const STOP_WAIT_MS = STOP_TIMEOUT_MS + 2000;

/** A lock that another start holds while it clears a dead agent's pid file; older than this, in ms, its holder died. */
export const BREAK_LOCK_STALE_MS = 5000;

/** Most attempts to take the pid file when others come and go at the same moment. */
export const MAX_LOCK_ATTEMPTS = 20;

/** First and longest pause before a full terminal is tried again, in ms: there is no event for "writable" on a pty's master. */
export const PTY_RETRY_MIN_MS = 1;
export const PTY_RETRY_MAX_MS = 20;

/** How long a terminal whose program has ended may stay silent before it counts as drained, in ms (some systems give no end of file). */
export const PTY_DRAIN_QUIET_MS = 1000;

/** Most peers at once, and most with one certificate, when the config does not say. A person has a handful of devices. */
export const DEFAULT_MAX_PEERS = 64;
export const DEFAULT_MAX_PEERS_PER_FINGERPRINT = 16;

/** Most panes at once when the config does not say. Each holds a process, a terminal and up to a few MiB of screen. */
export const DEFAULT_MAX_PANES = 256;

/** The whole exchange of one `accept`, in ms, from its start to two connected peers. */
export const ACCEPT_TIMEOUT_MS = 30_000;

/** How long the daemon's HTTP may wait for a request's headers and body, in ms; an offer is a few KiB. */
export const HTTP_REQUEST_TIMEOUT_MS = 15_000;

/** How much is logged, from all to nearly nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** How long an idle HTTP connection stays open, in ms: longer than the 60 s of common proxies, so that they close theirs first. */
export const HTTP_KEEP_ALIVE_MS = 72_000;

/** Exit status of an agent that its supervisor is to start again: EX_TEMPFAIL of sysexits(3), which no end of its own has. */
export const RESTART_EXIT = 75;

/** Longest wait for a supervisor to have started the agent again, in ms; the unit pauses 2 s before it does. */
export const SUPERVISED_START_MS = 15_000;

/** Where HTTP listens when the config does not say: this machine only. */
export const DEFAULT_HTTP_SERVER = '127.0.0.1:7777';

/** Whose `X-Forwarded-…` is believed when the config does not say: a proxy on this machine. */
export const DEFAULT_TRUSTED_PROXIES = 'loopback';

/** What a client may set in a pane's environment when the config does not say: what tells how its terminal writes and shows text. */
export const DEFAULT_ACCEPTED_ENV: readonly string[] = ['LANG', 'LC_*', 'COLORTERM', 'TERM'];

/** How long TURN credentials made from a secret are good for, in seconds: the time to connect, and to restart ICE, and more. */
export const DEFAULT_TURN_TTL_S = 3600;
