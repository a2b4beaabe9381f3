import type { DataChannelLike } from '@ouro/webrtc-types';

/** Most bytes that wait in a channel before its sender does. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Bytes that look random and are the same for the same seed, here and in the page (xorshift32, Marsaglia 2003). */
export function bulkBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Sends bytes in messages of a size, as fast as the channel takes them. */
export async function sendBulk(
  channel: DataChannelLike,
  bytes: Uint8Array<ArrayBuffer>,
  messageBytes: number,
): Promise<void> {
  channel.bufferedAmountLowThreshold = HIGH_WATER_BYTES / 2;
  for (let at = 0; at < bytes.length; at += messageBytes) {
    if (channel.bufferedAmount > HIGH_WATER_BYTES) await event(channel, 'bufferedamountlow');
    channel.send(bytes.subarray(at, at + messageBytes));
  }
}

/** Takes messages until this many bytes have come, and gives their SHA-256. Listens at once. */
export async function receiveBulk(channel: DataChannelLike, length: number): Promise<string> {
  channel.binaryType = 'arraybuffer';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const all = new Uint8Array(length);
  let received = 0;
  channel.addEventListener('message', ({ data }) => {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    if (!(bytes instanceof Uint8Array) || received + bytes.length > length) {
      return reject(new Error('More bytes, or others, than were sent'));
    }
    all.set(bytes, received);
    received += bytes.length;
    if (received === length) resolve();
  });
  channel.addEventListener('close', () => reject(new Error(`Closed after ${received} of ${length} bytes`)));
  await promise;
  return sha256(all);
}

/** SHA-256 in hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Resolves at the next event of this kind. */
export function event(channel: DataChannelLike, type: 'open' | 'close' | 'bufferedamountlow'): Promise<void> {
  return new Promise((resolve) => channel.addEventListener(type, () => resolve(), { once: true }));
}
