/** RFC 9260 section 3. */
export const COMMON_HEADER_BYTES = 12;
export const CHUNK_HEADER_BYTES = 4;
export const DATA_HEADER_BYTES = 16;

/** The port in every WebRTC peer's `a=sctp-port` (RFC 8841 section 5). */
export const SCTP_PORT = 5000;

export const CHUNK = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  reConfig: 130,
  forwardTsn: 192,
} as const;

/** Flags of a DATA chunk (RFC 9260 section 3.3.1, RFC 7053). */
export const DATA_FLAG = { end: 1, begin: 2, unordered: 4, immediate: 8 } as const;

export const PARAMETER = {
  stateCookie: 7,
  /** RFC 6525 section 4. */
  outgoingReset: 13,
  incomingReset: 14,
  resetResponse: 16,
  addOutgoing: 17,
  addIncoming: 18,
  /** RFC 9653 section 4. */
  zeroChecksum: 0x8001,
  /** RFC 5061 section 4.2.7. */
  supportedExtensions: 0x8008,
  /** RFC 3758 section 3.1. */
  forwardTsnSupported: 0xc000,
} as const;

/** RFC 9653 section 8.2: DTLS detects errors, so the checksum may be left out. */
export const ZERO_CHECKSUM_BY_DTLS = 1;

/** Results of a stream reset (RFC 6525 section 4.4). */
export const RESET_RESULT = {
  nothingToDo: 0,
  performed: 1,
  denied: 2,
  badSequence: 5,
  inProgress: 6,
} as const;

/** Streams each way (RFC 8831 section 6.2). */
export const STREAMS = 65_535;

/**
 * A path that is not known: packets that, with DTLS, UDP and IPv6 headers, fit the 1,280 bytes that every IPv6 path
 * carries. The far end's window limits what is on its way.
 */
export const UNKNOWN_PATH = { mtu: 1191, maxWindow: 4 * 1024 * 1024 };

/**
 * The loopback interface: nearly what one DTLS record holds, since cost is per packet; and no more on its way than the
 * usual receive buffer of a socket takes, which is all the queue that there is.
 */
export const LOOPBACK_PATH = { mtu: 16_000, maxWindow: 8 * 16_000 };

/** Bytes of the far end kept for readers that wait or messages that are not whole. Covers 10 MB/s at 100 ms. */
export const RECEIVE_WINDOW_BYTES = 1024 * 1024;
/** What each kept chunk or message counts in addition: a flood of empty ones must fill the window too. */
export const KEPT_OVERHEAD_BYTES = 64;

/** Largest message taken, in bytes (`a=max-message-size`). Browsers send up to 256 KiB. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** Furthest TSN ahead of the cumulative one that is taken: gap blocks count in 16 bits (RFC 9260 section 3.3.4). */
export const MAX_TSN_AHEAD = 0xffff;
/** Most gap blocks and duplicates told in one SACK: they fit the smallest packet. */
export const MAX_GAP_BLOCKS = 200;
export const MAX_DUPLICATES = 20;

/** First congestion window in packets, as TCP's (RFC 6928) and as browsers do. */
export const INITIAL_WINDOW_PACKETS = 10;
/** Growth of the window by one SACK, at most, in packets: SACKs are bundled per turn of the event loop, as TCP's with GRO. */
export const MAX_GROWTH_PACKETS = 16;
/** Most bytes sent in one go. Larger bursts overrun the buffers of small routers. */
export const MAX_BURST_BYTES = 64 * 1024;
/** Reports of a later TSN until one counts as lost (RFC 9260 section 7.2.4). */
export const FAST_RETRANSMIT_REPORTS = 3;

/** Retransmission time-outs, in milliseconds. RFC 9260 section 16 has 1 s, 1 s and 60 s, for links of 1990. */
export const RTO_INITIAL_MS = 1000;
export const RTO_MIN_MS = 400;
/** ICE consent, not SCTP, says when a path is dead: until then look often, so that a path that comes back is used. */
export const RTO_MAX_MS = 3000;

/** Longest time until a lone packet is acknowledged, in milliseconds (RFC 9260 section 6.2: at most 500). */
export const SACK_DELAY_MS = 20;

/** How long a state cookie is good, in milliseconds (RFC 9260 section 16). */
export const COOKIE_LIFETIME_MS = 60_000;

/** Most streams in one reset request: fits the smallest packet. */
export const MAX_STREAMS_PER_RESET = 400;

/**
 * How long the controlled end waits for the far end's INIT, in milliseconds, before it says its own. Some stacks cannot
 * take one before they are ready; those that say nothing by themselves are rare.
 */
export const INIT_DEFERRAL_MS = 300;
