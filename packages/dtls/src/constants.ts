/** DTLS 1.2 on the wire (RFC 6347 section 4.1): the ones' complement of TLS's numbers, so lower is newer. */
export const DTLS_1_2 = 0xfefd;
/** DTLS 1.0, which a first ClientHello's record may carry (RFC 6347 section 4.2.1). */
export const DTLS_1_0 = 0xfeff;

/** RFC 6347 section 4.1. */
export const RECORD_HEADER_BYTES = 13;
/** RFC 6347 section 4.2.2. */
export const HANDSHAKE_HEADER_BYTES = 12;

export const CONTENT_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export const HANDSHAKE_TYPE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** RFC 5246 section 7.2 and RFC 7627 section 5.1. */
export const ALERT = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  internalError: 80,
} as const;

export const ALERT_LEVEL = { warning: 1, fatal: 2 } as const;

/** The one suite that every WebRTC peer has (RFC 8827 section 6.5). */
export const TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = 0xc02b;
/** RFC 5746 section 3.3: stands for an empty renegotiation_info in a list of suites. */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;
/** The one curve that every WebRTC peer has (RFC 8827 section 6.5). */
export const SECP256R1 = 23;
export const NAMED_CURVE = 3;
export const UNCOMPRESSED_POINT = 0;
export const NULL_COMPRESSION = 0;

export const SIGNATURE_SCHEME = { ecdsaSha256: 0x0403, rsaPkcs1Sha256: 0x0401 } as const;
export const CERTIFICATE_TYPE = { rsaSign: 1, ecdsaSign: 64 } as const;

export const EXTENSION = {
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

/**
 * SRTP profiles by preference (RFC 5764 section 4.1.2, RFC 7714 section 14.2). No media is ever sent, but several stacks
 * end a session in which none was agreed on.
 */
export const SRTP_PROFILES: readonly number[] = [0x0007, 0x0001];

export const RANDOM_BYTES = 32;
/** RFC 5246 section 7.4.9. */
export const VERIFY_DATA_BYTES = 12;
export const MASTER_SECRET_BYTES = 48;

/** AES-128-GCM in TLS 1.2 (RFC 5288 section 3), in bytes. */
export const GCM = { key: 16, implicitNonce: 4, explicitNonce: 8, tag: 16 } as const;

/** Largest datagram of a handshake, in bytes: what passes every path that WebRTC meets (IPv6 minimum less tunnels). */
export const HANDSHAKE_DATAGRAM_BYTES = 1200;

/** Largest handshake message taken, in bytes. A self-signed certificate is under 2 KiB; a ClientHello with post-quantum shares too. */
export const MAX_HANDSHAKE_MESSAGE_BYTES = 16 * 1024;

/** Most messages kept that came before their turn. The longest flight (RFC 6347 figure 1) has five. */
export const MAX_EARLY_MESSAGES = 6;

/** Most encrypted records kept that came before the keys or the Finished that they need: one flight's worth of reordering. */
export const MAX_EARLY_RECORDS = 8;

/** Records that may come late and still count, RFC 6347 section 4.1.2.6 (at least 64). Fast paths reorder hundreds. */
export const REPLAY_WINDOW_RECORDS = 1024;

/** First wait for an answer to a flight, in milliseconds; each next is twice as long. RFC 6347 allows less than its 1 s where loss hurts more. */
export const FIRST_RETRANSMIT_MS = 500;
/** Longest wait between two transmissions of a flight, in milliseconds: a person waits, and ICE has shown that the path is there. */
export const MAX_RETRANSMIT_MS = 2000;
/** Times a flight is sent again before the handshake counts as failed: about half a minute with the waits above. */
export const MAX_RETRANSMITS = 15;
/** Least time between two transmissions of one flight, in milliseconds: forged packets must not make us a source of traffic. */
export const MIN_RETRANSMIT_MS = 100;

/** How long a handshake goes on after an alert that nobody has signed, in milliseconds: a forged one must not end it. */
export const UNAUTHENTICATED_ALERT_GRACE_MS = 1500;
