import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as nodePty from '@lydell/node-pty';
import { AgentError } from '../base/errors.ts';

/** The part of node-pty's native half that is used here. */
export interface PtyBinding {
  /**
   * forkpty(3) and execvp(3). `env` holds `NAME=value`; uid and gid -1 = unchanged; `helper` is for macOS only.
   * `onExit` is called once, when the child was waited for: signal 0 = none.
   */
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number };
  resize(fd: number, cols: number, rows: number, widthPixels: number, heightPixels: number): void;
}

const isBinding = (value: unknown): value is PtyBinding =>
  typeof value === 'object' &&
  value !== null &&
  'fork' in value &&
  typeof value.fork === 'function' &&
  'resize' in value &&
  typeof value.resize === 'function';

/**
 * node-pty's native half, without its JavaScript. That JavaScript closes a terminal 200 ms after its program ended
 * even if a paused or busy reader has not read the rest, and hides when a write would block; the agent promises
 * both: all output, and back-pressure.
 *
 * @throws AgentError `system` when this platform has no prebuilt one
 */
export function loadBinding(): PtyBinding {
  const module: object = nodePty;
  const native: unknown = 'native' in module ? module.native : undefined;
  if (isBinding(native)) return native;
  throw new AgentError('system', `Terminals are not available on ${process.platform}-${process.arch}`);
}

/** The program that macOS needs to start a process on a pty; elsewhere an empty text. */
export function spawnHelper(): string {
  if (process.platform !== 'darwin') return '';
  const name = `${process.platform}-${process.arch}`;
  const near = createRequire(createRequire(import.meta.url).resolve('@lydell/node-pty'));
  const lib = dirname(near.resolve(`@lydell/node-pty-${name}`));
  return join(lib, '..', 'prebuilds', name, 'spawn-helper');
}
