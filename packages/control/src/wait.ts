import type { ChannelEventType, DataChannelLike } from '@ouro/webrtc-types';
import { ControlError } from './errors.ts';

const EVENTS: readonly ChannelEventType[] = ['open', 'bufferedamountlow', 'closing', 'close'];

/** Whether nothing can be sent any more. */
export function isGone(channel: DataChannelLike): boolean {
  return channel.readyState === 'closing' || channel.readyState === 'closed';
}

/**
 * Resolves when `done` is true, looked at now and on every event of the channel.
 * @throws ControlError `closed` when the channel closes first; `aborted` or `timeout` of the signal
 */
export function waitUntil(channel: DataChannelLike, done: () => boolean, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => {
    for (const type of EVENTS) channel.removeEventListener(type, look);
    signal.removeEventListener('abort', onAbort);
  };
  const onAbort = () => {
    stop();
    reject(ControlError.from(signal.reason));
  };
  const look = () => {
    if (isGone(channel)) {
      stop();
      reject(new ControlError('closed', `The channel ${JSON.stringify(channel.label)} is closed`));
    } else if (done()) {
      stop();
      resolve();
    }
  };
  for (const type of EVENTS) channel.addEventListener(type, look);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  else look();
  return promise;
}
