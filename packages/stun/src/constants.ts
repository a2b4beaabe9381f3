/** RFC 8489 section 5. */
export const STUN_HEADER_BYTES = 20;
export const MAGIC_COOKIE = 0x2112a442;
export const TRANSACTION_ID_BYTES = 12;
/** RFC 8489 section 14.7. */
export const FINGERPRINT_XOR = 0x5354554e;

/** RFC 8489 section 3 and RFC 8656: the method; the class is in two other bits. */
export const STUN_METHOD = { binding: 1 } as const;
export const STUN_CLASS = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 } as const;

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
