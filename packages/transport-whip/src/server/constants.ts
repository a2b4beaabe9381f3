import { MAX_SDP_BYTES } from '@ouro/signaling';

/** Largest request body taken, in bytes: the largest session description. */
export const MAX_BODY_BYTES = MAX_SDP_BYTES;

/** Largest body of the oldest form, in bytes: a description, JSON-escaped (at most doubled), in base64 (4/3), and its envelope. */
export const MAX_CONNECT_BODY_BYTES = Math.ceil((2 * MAX_SDP_BYTES * 4) / 3) + 1024;

/** How much of a too large body is read and thrown away before the reply, in bytes, so that its sender reads the reply instead of a reset. */
export const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** How long a request may take to send its body, in ms. An offer is under 8 KiB: slower than 1 KiB a second is no person's line. */
export const BODY_TIMEOUT_MS = 10_000;

/** How long the host may take to answer an offer, in ms: it gathers all its candidates first, and a dead STUN server takes seconds. */
export const ANSWER_TIMEOUT_MS = 20_000;

/** How long a session may take from its offer until the peers are connected, in ms. */
export const CONNECT_TIMEOUT_MS = 30_000;

/** How long the end of the server waits for the handlers of its sessions, in ms. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** Most sessions at the same time: a connected peer costs some 300 KB, so that this is 300 MB. */
export const MAX_SESSIONS = 1024;

/** Most sessions of one address at the same time: a whole office behind one NAT. */
export const MAX_SESSIONS_PER_ADDRESS = 256;

/** Most PATCH requests of one session that wait for each other. A client sends one at a time. */
export const MAX_WAITING_PATCHES = 32;

/** Most retired ufrags remembered of one session. Each restart needs a living client and an answer of the host. */
export const MAX_RETIRED_UFRAGS = 64;

/** Most addresses whose rate is counted at the same time; the ones that are quiet for longest are forgotten first. */
export const MAX_COUNTED_ADDRESSES = 10_000;

/** Longest bearer token looked at, in characters (RFC 6750 sets no limit). */
export const MAX_BEARER_CHARS = 4096;

/** Random bytes of a session id: it is the capability for its session (RFC 9725 section 5). */
export const SESSION_ID_BYTES = 18;

/** Random bytes of an entity-tag: unique for each ICE session. */
export const ENTITY_TAG_BYTES = 9;

/** Retry-After of a full server, in seconds: about the time in which a session that never connects makes room. */
export const FULL_RETRY_AFTER_S = 30;

/** How long a browser may remember a preflight, in seconds. */
export const PREFLIGHT_MAX_AGE_S = 600;

/** Pause between two looks at the files of the TLS certificate, in ms: nobody needs a new one sooner, and a look costs nothing. */
export const TLS_POLL_MS = 5_000;
