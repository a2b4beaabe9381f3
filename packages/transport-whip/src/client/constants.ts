/** How long the answer to an offer may take, in ms: more than a host takes to gather its candidates. */
export const ANSWER_TIMEOUT_MS = 25_000;

/** How long any other request may take, in ms. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** How long `close` waits for its last request, in ms: nobody waits longer for a goodbye. */
export const CLOSE_TIMEOUT_MS = 3_000;

/** Largest reply read, in bytes: the largest session description. */
export const MAX_REPLY_BYTES = 64 * 1024;

/** How often a request with candidates is sent in all when the server is busy or the network broke. */
export const TRICKLE_ATTEMPTS = 4;

/** Pause before the second attempt, in ms; doubled for each further one. */
export const RETRY_DELAY_MS = 250;

/** Longest pause that a Retry-After can ask for between two attempts, in ms: a handshake that takes longer is lost anyway. */
export const MAX_RETRY_DELAY_MS = 5_000;

/** Most characters of a server's own words that an error shows. */
export const MAX_DETAIL_CHARS = 500;

/** Where the endpoint is when a URL names none. */
export const DEFAULT_PATH = '/offer';
