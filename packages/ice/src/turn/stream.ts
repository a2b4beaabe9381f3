import { MAX_TURN_MESSAGE_BYTES } from './constants.ts';

/** Over a stream every message is a multiple of four bytes long (RFC 8656 section 12.5). */
export function padded(message: Buffer): Buffer {
  const rest = message.length % 4;
  return rest === 0 ? message : Buffer.concat([message, Buffer.alloc(4 - rest)]);
}

/**
 * Cuts a stream into STUN messages and ChannelData, whatever its pieces are; no RFC 4571 lengths stand before them.
 * @returns a function that takes the next piece; false once the bytes are neither: the connection is of no use then
 */
export function streamSplitter(onMessage: (message: Buffer) => void): (bytes: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 4) {
      const kind = (rest[0] ?? 0) >>> 6;
      const length = rest.readUInt16BE(2) + (kind === 1 ? 4 : 20);
      const whole = (length + 3) & ~3;
      if (kind > 1 || whole > MAX_TURN_MESSAGE_BYTES) return false;
      if (rest.length < whole) return true;
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(whole);
    }
    return true;
  };
}
