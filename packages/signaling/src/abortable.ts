import { SignalingError } from './errors.ts';

/** Throws what the signal fired with, as a SignalingError. @throws SignalingError `aborted`, `timeout` */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw SignalingError.from(signal.reason);
}

/**
 * What `waited` gives, unless the signal fires first; then what `waited` gives later is dropped.
 * @throws SignalingError `aborted`, `timeout`, or what `waited` throws
 */
export function unlessAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(SignalingError.from(signal.reason));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  return promise;
}
