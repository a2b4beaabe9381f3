import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fingerprint } from '../src/index.ts';

/** A directory that is gone after the test. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: (name: string) => string }> {
  const directory = await mkdtemp(join(tmpdir(), 'ouro-fingerprint-'));
  return {
    path: (name) => join(directory, name),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A fingerprint that is all one byte. */
export function fingerprintOf(byte: number): Fingerprint {
  return Fingerprint.parse(byte.toString(16).padStart(2, '0').repeat(32));
}

/** What an Authorizer is asked with when the road knows nothing. */
export const stranger = { remote: { kind: 'none' } } as const;

/** A signal that never fires. */
export function never(): { signal: AbortSignal } {
  return { signal: new AbortController().signal };
}
