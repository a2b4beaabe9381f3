/** STUN error code of a role conflict (RFC 8445 section 7.3.1.1). */
export const ROLE_CONFLICT = 487;

/** Characters of our ufrag and pwd: 48 and 144 random bits (RFC 8445 section 5.3 wants 24 and 128). */
export const UFRAG_CHARS = 8;
export const PWD_CHARS = 24;

/** RFC 8445 section 5.1.2.2. */
export const TYPE_PREFERENCE = { host: 126, prflx: 110, srflx: 100, relay: 0 } as const;

/** RFC 6544 section 4.2: below every UDP candidate of the same kind. */
export const TCP_TYPE_PREFERENCE = 90;
export const TCP_DIRECTION_PREFERENCE = { active: 6, passive: 4 } as const;

/** Least time between two new checks, in milliseconds (RFC 8445 section 14.2 lets Ta be 5). The first goes at once. */
export const PACE_MS = 10;
/** First wait for the answer to a check, in milliseconds; each next is twice as long. */
export const CHECK_RTO_MS = 250;
/** Times that a check is sent: the last answer is awaited until about 8 s after the first. */
export const CHECK_TRANSMISSIONS = 5;
/** RFC 8838 section 14, RFC 8863: how long to look for a path even if no known pair is left, in milliseconds. */
export const NO_PAIR_TIMEOUT_MS = 10_000;
/** How long a working pair waits for one of higher priority that is being checked, in milliseconds. */
export const BETTER_PAIR_MS = 50;
/** The same for a TCP pair: as long as a UDP path that works may need when two packets are lost (RFC 6544 section 4.2). */
export const UDP_HEAD_START_MS = 750;
/** How long the answer to a check over TCP, which is sent once (RFC 8489 section 6.2.2), is awaited, with the dial. */
export const TCP_CHECK_TIMEOUT_MS = 8000;
/** The same for a pair over a relay, which costs its owner traffic and the user a detour. */
export const DIRECT_PAIR_MS = 400;

/** Consent (RFC 7675): mean time between two requests, and without an answer until data stops, in milliseconds. */
export const CONSENT_INTERVAL_MS = 2000;
export const CONSENT_TIMEOUT_MS = 12_000;
/** Without an answer for this long the state is `disconnected`: shown to the user, while data still flows. */
export const DISCONNECTED_MS = 5000;

/** Most remote candidates of a generation, signalled and seen (RFC 8445 section 6.1.2.5 caps pairs at 100). */
export const MAX_REMOTE_CANDIDATES = 100;
export const MAX_PAIRS = 200;
/** Most local addresses used. */
export const MAX_HOST_ADDRESSES = 16;
/** Most checks remembered that came before the far end's description. */
export const MAX_EARLY_CHECKS = 32;

/** How long STUN and TURN servers are asked, in milliseconds, names and all: a handshake of TLS over a slow path fits. */
export const SERVERS_TIMEOUT_MS = 8000;
/** Times that a STUN server is asked: the last answer is awaited until about 4 s after the first. */
export const SERVER_TRANSMISSIONS = 4;
/** How long a name server may be silent, in milliseconds, and how often it is asked. */
export const DNS_TIMEOUT_MS = 1000;
export const DNS_TRIES = 2;
export const STUN_PORT = 3478;
/** Most server addresses asked of one configuration. */
export const MAX_ICE_SERVERS = 8;

/**
 * How long the sockets of the generation before stay open after a restart, in milliseconds: what the far end has sent
 * over the old path, and goes on sending until it has heard of the new one, still counts.
 */
export const LINGER_MS = 3000;
/** Most generations that stay open so, when restarts come one after the other. */
export const MAX_LINGERING = 2;
/** The path in use was silent for so many milliseconds when another one is found: what is on its way counts as lost. */
export const SILENT_PATH_MS = 200;
/** Most retired ufrags of the far end that are known again; candidates of older generations are refused, not passed over. */
export const MAX_RETIRED_UFRAGS = 64;

/** What a datagram is, by its first byte (RFC 7983 section 7). */
export const FIRST_BYTE = { lastStun: 3, firstDtls: 20, lastDtls: 63, none: 255 } as const;
