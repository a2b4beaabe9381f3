/** RFC 8656 section 17: methods, without the class. */
export const TURN_METHOD = { allocate: 0x003, refresh: 0x004, channelBind: 0x009 } as const;
/** RFC 8656 section 11.6. */
export const DATA_INDICATION = 0x0017;

/** RFC 8656 section 18, and RFC 8489 for the long-term credentials. */
export const TURN_ATTRIBUTE = {
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
} as const;

/** UDP, as the value of REQUESTED-TRANSPORT (RFC 8656 section 18.7). */
export const TRANSPORT_UDP = 17 << 24;

/** RFC 8489 section 9.2.5: asked for credentials, or for a newer nonce. */
export const UNAUTHENTICATED = 401;
export const STALE_NONCE = 438;

/** Numbers of channels (RFC 8656 section 12). */
export const FIRST_CHANNEL = 0x4000;
/** Most far addresses reached over one relay: every remote candidate, and some that were only seen. */
export const MAX_RELAY_PEERS = 256;
/** Most datagrams kept per far address until its channel is bound. Checks are repeated; more are not needed. */
export const MAX_RELAY_PENDING = 4;

/** A permission lasts 5 minutes, a channel 10 (RFC 8656 sections 9, 12): both are renewed after so many milliseconds. */
export const CHANNEL_RENEW_MS = 4 * 60_000;
/** Share of an allocation's lifetime after which it is renewed. */
export const RENEW_SHARE = 0.5;
/** What an allocation that tells no lifetime has, in seconds (RFC 8656 section 7.2), and the shortest believed. */
export const DEFAULT_LIFETIME_S = 600;
export const MIN_LIFETIME_S = 60;
/** The longest believed: a day, far under what a timer can hold. */
export const MAX_LIFETIME_S = 86_400;

/** How long one answer over TCP or TLS, where nothing is sent twice, may take, in milliseconds. */
export const TURN_TIMEOUT_MS = 8000;
/** How long one of a server's addresses may be silent until the other family is tried too, in milliseconds. */
export const NEXT_FAMILY_MS = 300;
/** How long the goodbye over TCP or TLS may take, in milliseconds: a server that does not read has none. */
export const TURN_CLOSE_TIMEOUT_MS = 1000;
/** Largest message that a server may send over TCP or TLS, in bytes: 64 KiB of data and its header. */
export const MAX_TURN_MESSAGE_BYTES = 65_536 + 64;
/** Most bytes that wait to be written on one TCP or TLS connection; above it datagrams are dropped, as UDP would. */
export const MAX_TURN_BACKLOG_BYTES = 256 * 1024;

export const TURN_PORT = 3478;
export const TURNS_PORT = 5349;
