/** Bytes before the first attribute (RFC 8489 section 5). */
export const STUN_HEADER_BYTES = 20;
/** What tells a STUN message from others (RFC 8489 section 5). */
export const MAGIC_COOKIE = 0x2112a442;
/** RFC 8489 section 5. */
export const TRANSACTION_ID_BYTES = 12;
/** RFC 8489 section 14.7. */
export const FINGERPRINT_XOR = 0x5354554e;

/** The methods that ICE uses (RFC 8489 section 18.2); a message's type is method and class in one. */
export const STUN_METHOD = { binding: 1 } as const;
/** The class, in two bits of the type (RFC 8489 section 5). */
export const STUN_CLASS = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 } as const;

/** Types of attributes (RFC 8489 section 18.3, RFC 8445 section 16.1). */
export const STUN_ATTRIBUTE = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** Largest STUN message taken, in bytes: a check is under 150, and what would be fragmented is none. */
export const MAX_STUN_BYTES = 1500;
