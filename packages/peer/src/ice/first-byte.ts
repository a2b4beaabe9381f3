/** What a datagram is, by its first byte (RFC 7983 section 7). */
export const FIRST_BYTE = { lastStun: 3, firstDtls: 20, lastDtls: 63, none: 255 } as const;
