import { unlessAborted as unlessFired } from '@ouro/base';
import { SignalingError } from './errors.ts';

/** Throws what the signal fired with, as a SignalingError. @throws SignalingError `aborted`, `timeout` */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw SignalingError.from(signal.reason);
}

/**
 * What `waited` gives, unless the signal fires first; then what `waited` gives later is dropped.
 * @throws SignalingError `aborted`, `timeout`, or what `waited` throws
 */
export function unlessAborted<T>(waited: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return unlessFired(waited, signal, SignalingError.from);
}
