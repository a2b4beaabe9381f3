/** Numbers that wrap (RFC 1982, RFC 9260 section 1.6). TSNs have 32 bits, stream sequence numbers 16. */

export function tsnPlus(tsn: number, add: number): number {
  return (tsn + add) >>> 0;
}

/** How far `to` is after `from`, negative if before; both TSNs, less than 2^31 apart. */
export function tsnDistance(from: number, to: number): number {
  return (to - from) | 0;
}

export function nextSsn(ssn: number): number {
  return (ssn + 1) & 0xffff;
}

/** How far `to` is after `from`, negative if before; both SSNs, less than 2^15 apart. */
export function ssnDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
