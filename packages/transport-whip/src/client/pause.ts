import { onAbort } from '@ouro/base';
import { type Abortable, SignalingError } from '@ouro/signaling';

/** Resolves after `ms`. @throws SignalingError `aborted` */
export async function pause(ms: number, { signal }: Abortable): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  using _abort = onAbort(signal, (reason) => reject(SignalingError.from(reason)));
  await promise.finally(() => clearTimeout(timer));
}
