import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { type ExpandContext, expandTokens } from '../config/expand.ts';
import type { SshConfig } from '../config/ssh-config.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** The stdio of a process as one duplex stream, with back-pressure both ways. */
class StdioDuplex extends Duplex {
  readonly #child: Child;

  constructor(child: Child) {
    super();
    this.#child = child;
    child.once('error', (error) => this.destroy(error));
    child.stdin.on('error', (error) => this.destroy(error));
    child.stdout.on('data', (chunk: Uint8Array) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.once('end', () => this.push(null));
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }
}

/** The stdio of the user's ProxyCommand as a socket; its stderr is the user's, as with ssh. */
export const openProxyCommand = (command: string, config: SshConfig, context: ExpandContext): Duplex => {
  const shell = context.env.SHELL || '/bin/sh';
  const expanded = expandTokens(command, config, context);
  return new StdioDuplex(spawn(shell, ['-c', `exec ${expanded}`], { stdio: ['pipe', 'pipe', 'inherit'] }));
};
