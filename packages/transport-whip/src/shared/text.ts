import { SignalingError, type SignalingErrorCode } from '@ouro/signaling';

const encoder = new TextEncoder();

/**
 * Bytes of outside provenance as text. @throws SignalingError `oversize` over `limit` bytes, else `bad-message`
 * when they are not UTF-8 or hold a NUL
 */
export function decodeText(bytes: Uint8Array, limit: number, what: string): string {
  if (bytes.length > limit) {
    throw new SignalingError('oversize', `The ${what} has ${bytes.length} bytes; at most ${limit} are taken`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Said below: the decoder's own words tell a user nothing.
  }
  throw new SignalingError('bad-message', `The ${what} is not UTF-8 text; send it as text`);
}

/** Length of a text in UTF-8, in bytes. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Throws a SignalingError whose message says where in the text it went wrong, and never what stood there. */
export function badLine(code: SignalingErrorCode, what: string, index: number, why: string): never {
  throw new SignalingError(code, `Line ${index + 1} of the ${what} ${why}`);
}
