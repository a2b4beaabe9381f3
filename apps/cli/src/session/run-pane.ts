import { SessionError } from '@ouro/session';
import type { Pane } from '@ouro/session/client';
import type { Abortable } from '@ouro/signaling';
import type { ExitStatus } from '../exit-status.ts';

/** Where the bytes of a pane come from and go to. */
export interface PaneEnds {
  /** What is typed or piped in; its end is the end of the command's input. */
  readonly input: AsyncIterable<Uint8Array>;
  stdout(bytes: Uint8Array, options: Abortable): Promise<void>;
  stderr(bytes: Uint8Array, options: Abortable): Promise<void>;
}

/**
 * Joins a pane with this program's own ends until its command has ended and all its output is written out.
 * Both ways hold back the one who produces: nothing is read that the other side cannot take yet.
 * @throws SessionError, what the ends throw, or the signal's reason
 */
export async function runPane(pane: Pane, ends: PaneEnds, { signal }: Abortable): Promise<ExitStatus> {
  const over = new AbortController();
  const stop = { signal: AbortSignal.any([signal, over.signal]) };
  const receiving = Promise.all([
    copy(pane.stdout, (bytes) => ends.stdout(bytes, stop)),
    copy(pane.stderr, (bytes) => ends.stderr(bytes, stop)),
  ]).then(() => pane.exited);
  const sending = send(pane, ends.input, stop);
  try {
    return await Promise.race([receiving, failureOf(sending), abortOf(signal)]);
  } finally {
    over.abort();
    // Not waited for: what is left of the copying, which an output that hangs may hold for ever.
    await pane.detach();
  }
}

async function copy(
  from: AsyncIterable<Uint8Array>,
  to: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const bytes of from) await to(bytes);
}

async function send(pane: Pane, input: AsyncIterable<Uint8Array>, stop: Abortable): Promise<void> {
  try {
    for await (const bytes of input) {
      if (stop.signal.aborted) return;
      await pane.write(bytes, stop);
    }
    if (!stop.signal.aborted) await pane.end(stop);
  } catch (error) {
    // A command may end, or close its input, before it was all sent; the receiving side knows how it ended.
    if (error instanceof SessionError || stop.signal.aborted) return;
    throw error;
  }
}

/** Rejects when `work` does, and is silent when it succeeds. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    work.catch(reject);
  });
}

/** Rejects with the signal's reason. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
