import { SignalingError } from '@ouro/signaling';

/** Waits for a promise no longer than the signal allows. @throws SignalingError `aborted` or `timeout` when it fires first */
export const withAbort = <T>(waited: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(SignalingError.from(signal.reason));
    if (signal.aborted) {
      waited.catch(() => {});
      return onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
