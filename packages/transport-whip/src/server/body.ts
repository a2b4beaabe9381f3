import type { Readable } from 'node:stream';
import type { Clock } from '@ouro/base';
import { SignalingError } from '@ouro/signaling';
import { MAX_DISCARDED_BYTES } from './constants.ts';

/** What a request body may cost. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * Reads a whole request body. One that is too large is read on without keeping it, up to 16 MiB, so that its sender
 * gets to read why it was refused.
 * @throws SignalingError `oversize`, `timeout` (a slow sender), `lost` (it broke off)
 */
export function readBody(payload: Readable, limits: BodyLimits, clock: Clock): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const oversize = () =>
    new SignalingError('oversize', `The request body is larger than ${limits.maxBytes} bytes`);
  const late = new SignalingError('timeout', `The request body did not arrive within ${limits.timeoutMs} ms`);
  const cancel = clock.after(limits.timeoutMs, () => reject(late), { unref: true });
  const onData = (chunk: Uint8Array) => {
    size += chunk.length;
    if (size <= limits.maxBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (size > limits.maxBytes + MAX_DISCARDED_BYTES) reject(oversize());
  };
  const onEnd = () => (size > limits.maxBytes ? reject(oversize()) : resolve(Buffer.concat(chunks)));
  const onBroken = () => reject(new SignalingError('lost', 'The request broke off'));
  payload.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  return promise.finally(() => {
    cancel();
    payload.off('data', onData).off('end', onEnd).off('close', onBroken);
    // The error listener stays: a late error of the socket without one would end the process.
  });
}
