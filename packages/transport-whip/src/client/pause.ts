import { type Abortable, SignalingError } from '@ouro/signaling';

/** Resolves after `ms`. @throws SignalingError `aborted` */
export function pause(ms: number, { signal }: Abortable): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(SignalingError.from(signal.reason));
    const onAbort = () => {
      clearTimeout(timer);
      reject(SignalingError.from(signal.reason));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
