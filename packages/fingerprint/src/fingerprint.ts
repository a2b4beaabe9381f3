import { attributeValues, readSdp } from '@ouro/signaling';
import { DIGEST_BYTES, MAX_FINGERPRINT_CHARS, MAX_SDP_CHARS } from './constants.ts';
import { FingerprintError } from './errors.ts';

export { FINGERPRINT_ERROR_EDGES, FingerprintError, type FingerprintErrorCode } from './errors.ts';

const COMPACT = /^[0-9a-f]{64}$/i;
const COLONS = /^(?:sha-256 +)?([0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i;

const VALUE = /^([^ \t]+)[ \t]+(.*)$/;

/**
 * The SHA-256 of the DER certificate that a peer uses for DTLS (RFC 8122 section 5): who the peer is.
 * Immutable; runs in a browser too.
 */
export class Fingerprint {
  /** 64 upper-case hex digits: the form of files, address books and JSON. */
  readonly compact: string;
  readonly #digest: Uint8Array;

  private constructor(digest: Uint8Array) {
    this.#digest = digest;
    this.compact = Array.from(digest, hexPair).join('');
  }

  /** The form of an SDP `a=fingerprint` value: `sha-256 AB:CD:…`. */
  get sdp(): string {
    return `sha-256 ${Array.from(this.#digest, hexPair).join(':')}`;
  }

  /**
   * From text of any provenance: 64 hex digits, or 32 hex pairs with colons, the latter with or without `sha-256` before it.
   * Upper and lower case are the same; space around it is ignored.
   * @throws FingerprintError `bad-fingerprint`
   */
  static parse(text: string): Fingerprint {
    const trimmed = text.length > MAX_FINGERPRINT_CHARS ? '' : text.trim();
    const hex = COMPACT.test(trimmed) ? trimmed : COLONS.exec(trimmed)?.[1]?.replaceAll(':', '');
    if (hex === undefined) {
      throw new FingerprintError(
        'bad-fingerprint',
        'This is not a SHA-256 certificate fingerprint: expected 64 hex digits, or `sha-256` and 32 hex pairs with colons',
      );
    }
    return new Fingerprint(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
  }

  /**
   * Of a DER certificate, hashed as it is. @throws FingerprintError `bad-certificate` if there are no bytes or they
   * do not start as DER does
   */
  static async fromDer(der: Uint8Array): Promise<Fingerprint> {
    const sequence = 0x30;
    if (der[0] !== sequence) {
      throw new FingerprintError('bad-certificate', 'The bytes are not a certificate in DER form');
    }
    return new Fingerprint(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(der))));
  }

  /** Whether both are the same, in a time that does not tell where they differ. */
  equals(other: Fingerprint): boolean {
    let difference = 0;
    for (let i = 0; i < DIGEST_BYTES; i += 1) difference |= (this.#digest[i] ?? 0) ^ (other.#digest[i] ?? 0);
    return difference === 0;
  }

  /** The compact form. */
  toString(): string {
    return this.compact;
  }

  /** The compact form, as JSON has it (`fp`). */
  toJSON(): string {
    return this.compact;
  }
}

function hexPair(byte: number): string {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}

/**
 * The SHA-256 fingerprint that a session description announces, at session or media level (RFC 8122 section 5).
 * Lines with other hash functions beside it are passed over. Two different SHA-256 ones are refused: one
 * connection has one certificate, and what is authorized must be what is used.
 * @throws FingerprintError `no-fingerprint`, `unsupported-hash`, `conflicting-fingerprints`, `bad-fingerprint`, `oversize`
 */
export function fingerprintFromSdp(sdp: string): Fingerprint {
  if (sdp.length > MAX_SDP_CHARS) {
    throw new FingerprintError('oversize', `The session description is over ${MAX_SDP_CHARS} characters`);
  }
  const { session, media } = readSdp(sdp);
  const values = [session, ...media].flatMap((section) => attributeValues(section, 'fingerprint'));
  const announced = values.map(parseValue);
  const usable = announced.filter((each) => each !== undefined);
  const first = usable[0];
  if (first === undefined) throw nothingUsable(values.length);
  if (usable.some((each) => !each.equals(first))) {
    throw new FingerprintError(
      'conflicting-fingerprints',
      'The session description announces two different sha-256 fingerprints; one connection has one certificate',
    );
  }
  return first;
}

/** The fingerprint of one attribute; undefined when its hash function is another one. */
function parseValue(announced: string): Fingerprint | undefined {
  const [, hash, value] = VALUE.exec(announced) ?? [];
  if (hash === undefined || value === undefined) {
    throw new FingerprintError('bad-fingerprint', 'The session description has a malformed fingerprint line');
  }
  return hash.toLowerCase() === 'sha-256' ? Fingerprint.parse(`sha-256 ${value.trim()}`) : undefined;
}

function nothingUsable(lines: number): FingerprintError {
  if (lines === 0) {
    return new FingerprintError(
      'no-fingerprint',
      'The session description has no certificate fingerprint (a=fingerprint), so nobody can tell whose it is',
    );
  }
  return new FingerprintError(
    'unsupported-hash',
    'The session description has certificate fingerprints, but none made with sha-256',
  );
}
