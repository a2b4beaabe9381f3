import type { Abortable } from '@ouro/signaling';
import { SessionError } from '../errors.ts';

/** Settings of `within`. */
export interface WithinOptions extends Abortable {
  timeoutMs: number;
  /** What is said when it took longer. */
  late: string;
}

/** The promise, or a failure when the signal fires or the time is over. @throws SessionError `aborted`, `timeout` */
export async function within<T>(promise: Promise<T>, { signal, late, timeoutMs }: WithinOptions): Promise<T> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new SessionError('aborted', 'It was cancelled'));
  const timer = setTimeout(() => reject(new SessionError('timeout', late)), timeoutMs);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, failed]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
