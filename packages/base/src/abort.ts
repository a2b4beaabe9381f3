/** What waits until it is done, or until the signal fires. */
interface Abortable {
  readonly signal: AbortSignal;
}

/** What tells of events by name, and of nothing that is needed here but that they came. */
interface EventSource<Type extends string> {
  addEventListener(type: Type, listener: () => void): void;
  removeEventListener(type: Type, listener: () => void): void;
}

/**
 * Calls `listener` once with the signal's reason when it fires, at once if it has. Disposing of it takes the listener
 * back, so that a signal that lives long holds nothing of a wait that is over.
 */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): Disposable {
  const fired = (): void => listener(signal.reason);
  if (signal.aborted) fired();
  else signal.addEventListener('abort', fired, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', fired) };
}

/**
 * What `waited` gives, unless the signal fires first; then what `waited` gives later, a rejection too, is dropped.
 * @param toError makes what is thrown of the signal's reason; the reason itself unless told
 * @throws what the signal fired with, or what `waited` throws
 */
export async function unlessAborted<T>(
  waited: PromiseLike<T>,
  signal: AbortSignal,
  toError: (reason: unknown) => unknown = (reason) => reason,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  using _abort = onAbort(signal, (reason) => reject(toError(reason)));
  waited.then(resolve, reject);
  return await promise;
}

/** Resolves with the next event of this name. @throws the signal's reason */
export async function nextEvent<Type extends string>(
  source: EventSource<Type>,
  type: Type,
  { signal }: Abortable,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const came = (): void => resolve();
  source.addEventListener(type, came);
  try {
    await unlessAborted(promise, signal);
  } finally {
    source.removeEventListener(type, came);
  }
}

/** A signal that follows others until it is disposed of; then the others hold nothing of it. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/**
 * Fires with the first of `signals`. In place of `AbortSignal.any` where one of them lives as long as the program: what
 * was registered there is taken back.
 */
export function linkSignals(...signals: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController();
  const abort = (reason: unknown): void => controller.abort(reason);
  const links = signals.map((signal) => onAbort(signal, abort));
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]: () => {
      for (const link of links) link[Symbol.dispose]();
    },
  };
}
