import type { ExitStatus, HostProcess, SpawnRequest } from '@ouro/session';
import { ownAccount } from '../../src/spawn/environment.ts';
import { Spawner, type SpawnerOptions } from '../../src/spawn/spawner.ts';

/** A spawner with the environment of the test. */
export const spawner = (options: Partial<SpawnerOptions> = {}): Spawner =>
  new Spawner({
    account: ownAccount(process.env),
    inherited: process.env,
    env: {},
    accept: ['*'],
    socket: '/run/test/agent.sock',
    maxTerminals: 64,
    ...options,
  });

/** Collects what a process says. */
export class Recorder {
  readonly process: HostProcess;
  readonly exited: Promise<ExitStatus>;
  stdout = Buffer.alloc(0);
  stderr = Buffer.alloc(0);
  #waiters: { text: string; resolve: () => void }[] = [];

  constructor(process: HostProcess) {
    this.process = process;
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.exited = promise;
    process.start({
      stdout: (bytes) => {
        this.stdout = Buffer.concat([this.stdout, bytes]);
        this.#waiters = this.#waiters.filter(({ text, resolve: found }) => {
          if (!this.stdout.includes(text)) return true;
          found();
          return false;
        });
      },
      stderr: (bytes) => {
        this.stderr = Buffer.concat([this.stderr, bytes]);
      },
      exit: resolve,
    });
  }

  /** Resolves when the output holds this text. */
  says(text: string): Promise<void> {
    if (this.stdout.includes(text)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ text, resolve });
    });
  }
}

/** Starts and records. */
export const run = async (
  of: Spawner,
  request: Partial<SpawnRequest> & { argv: string[] },
): Promise<Recorder> =>
  new Recorder(await of.spawn({ env: {}, ...request }, { signal: new AbortController().signal }));
