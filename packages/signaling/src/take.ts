import { onAbort } from '@ouro/base';
import { throwIfAborted } from './abortable.ts';
import { SignalingError } from './errors.ts';
import type { Abortable } from './signaler.ts';

/**
 * The next of what comes, for a reader that takes one at a time: nothing is lost when it stops waiting. The iteration
 * must let another reader follow once one has called `return`, as a SignalQueue and a TransportListener do.
 * @throws SignalingError `aborted`, `closed` at the end; or why the iteration failed
 */
export async function take<T>(from: AsyncIterable<T>, { signal }: Abortable): Promise<T> {
  throwIfAborted(signal);
  const reader = from[Symbol.asyncIterator]();
  const leave = () => void reader.return?.();
  using _abort = onAbort(signal, leave);
  try {
    const next = await reader.next();
    if (!next.done) return next.value;
  } finally {
    leave();
  }
  throwIfAborted(signal);
  throw new SignalingError('closed', 'Nothing more comes; it was closed');
}
