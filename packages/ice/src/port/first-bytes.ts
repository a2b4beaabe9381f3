import { MAGIC_COOKIE, STUN_HEADER_BYTES } from '@ouro/stun';
import { FRAME_HEADER_BYTES, MAX_FIRST_FRAME_BYTES, SNIFF_BYTES } from './constants.ts';

/** What the first bytes of a TCP connection say about the rest. */
export type FirstBytes = 'stun' | 'other' | 'undecided';

/** Empty frames in front that are looked through; a sender of nothing but those is not STUN. */
const MAX_EMPTY_FRAMES = 8;

/**
 * Tells RFC 4571 frames with a Binding request in them from HTTP: a frame begins with a 16-bit length below 256 * 3,
 * then `00 01`, the STUN length, and the cookie `21 12 a4 42` at offset 6; HTTP begins with a letter, TLS with `16`.
 * `undecided` while the bytes are the beginning of a frame but too few.
 */
export function firstBytes(bytes: Buffer): FirstBytes {
  let at = 0;
  for (let empty = 0; empty < MAX_EMPTY_FRAMES && startsEmpty(bytes, at); empty++) at += FRAME_HEADER_BYTES;
  const frame = bytes.subarray(at);
  if (frame.length < SNIFF_BYTES) return couldBeFrame(frame) ? 'undecided' : 'other';
  return couldBeFrame(frame) ? 'stun' : 'other';
}

/** Whether a connection that begins with `bytes` is for `IcePort.attach`; false too when they are too few to know. */
export function firstBytesAreStun(bytes: Buffer): boolean {
  return firstBytes(bytes) === 'stun';
}

function startsEmpty(bytes: Buffer, at: number): boolean {
  return bytes.length >= at + FRAME_HEADER_BYTES && bytes.readUInt16BE(at) === 0;
}

/** Whether what is there of the first ten bytes fits a frame with a Binding request. */
function couldBeFrame(frame: Buffer): boolean {
  const length = frame.length >= 2 ? frame.readUInt16BE(0) : undefined;
  if (frame.length >= 1 && frame.readUInt8(0) > MAX_FIRST_FRAME_BYTES >> 8) return false;
  if (length !== undefined && (length < STUN_HEADER_BYTES || length > MAX_FIRST_FRAME_BYTES)) return false;
  if (frame.length >= 3 && frame.readUInt8(2) !== 0) return false;
  if (frame.length >= 4 && frame.readUInt8(3) !== 1) return false;
  if (frame.length >= 6 && frame.readUInt16BE(4) + STUN_HEADER_BYTES !== length) return false;
  return COOKIE.subarray(0, Math.max(0, frame.length - COOKIE_AT)).equals(
    frame.subarray(COOKIE_AT, SNIFF_BYTES),
  );
}

const COOKIE_AT = 6;
const COOKIE = Buffer.alloc(4);
COOKIE.writeUInt32BE(MAGIC_COOKIE, 0);
