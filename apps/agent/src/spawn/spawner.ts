import { existsSync } from 'node:fs';
import type { HostProcess, ProcessSpawner, SpawnRequest } from '@ouro/session';
import type { Abortable } from '@ouro/signaling';
import { type Account, loginShell, paneEnvironment } from './environment.ts';
import { findExecutable, firstDirectory } from './executable.ts';
import { PipeProcess } from './pipe-process.ts';
import { PtyProcess } from './pty-process.ts';

/** What every pane of this agent has in common. */
export interface SpawnerOptions {
  readonly account: Account;
  /** The agent's own environment. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** `[env]` of the config. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that clients may set; `*` in them is any text. */
  readonly accept: readonly string[];
  /** The agent's unix socket, for WEBEXEC. */
  readonly socket: string;
  /** Most processes on a pty at once. */
  readonly maxTerminals: number;
}

const BASH = '/bin/bash';
const SH = '/bin/sh';

interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * node-pty makes terminals with IXANY, where any key ends a ^S; as sshd has them, only ^Q does. It takes no modes, and from
 * outside they could change under a program that has begun to set its own: so they are set in front of it.
 */
const withoutIxany = <Request extends Program>(request: Request): Request =>
  existsSync(SH)
    ? {
        ...request,
        file: SH,
        args: ['-c', 'stty -ixany 2>/dev/null; exec "$@"', 'sh', request.file, ...request.args],
      }
    : request;

/** Starts the processes of panes: on a pty when there is a size, else on pipes. */
export class Spawner implements ProcessSpawner {
  readonly #options: SpawnerOptions;
  /** Descriptors of the terminals that are open. */
  readonly #masters = new Set<number>();

  constructor(options: SpawnerOptions) {
    this.#options = options;
  }

  /** @throws Error with words for the client: an unknown command, a cap, the system's refusal */
  async spawn({ argv, size, cwd, env }: SpawnRequest, { signal }: Abortable): Promise<HostProcess> {
    const { account, inherited, socket, accept, env: config } = this.#options;
    const environment = paneEnvironment({ inherited, account, socket, config, accept, request: env });
    const directory = await firstDirectory(cwd, account.home);
    const [name = '*', ...args] = argv[0] === '*' ? loginShell(account.shell) : argv;
    const file = await findExecutable(name, environment.PATH ?? '', directory);
    signal.throwIfAborted();
    const request = { file, args, env: environment, cwd: directory };
    if (size === undefined) return PipeProcess.spawn(this.#withoutMasters(request), { signal });
    if (this.#masters.size >= this.#options.maxTerminals) {
      throw new Error(
        `This host has ${this.#masters.size} terminals open, its limit; close one and try again`,
      );
    }
    const process = new PtyProcess({ ...withoutIxany(request), size }, (fd) => this.#masters.delete(fd));
    this.#masters.add(process.master);
    return process;
  }

  /**
   * Masters of terminals are not close-on-exec, and a child that kept one would keep that terminal's programs from
   * their hangup. Terminals close them before exec; for pipes bash does it, which names descriptors above 9.
   */
  #withoutMasters<Request extends Program>(request: Request): Request {
    if (this.#masters.size === 0 || !existsSync(BASH)) return request;
    const closing = [...this.#masters].map((fd) => `${fd}>&-`).join(' ');
    return {
      ...request,
      file: BASH,
      args: [
        '--norc',
        '--noprofile',
        '-c',
        `exec ${closing}; exec "$@"`,
        'bash',
        request.file,
        ...request.args,
      ],
    };
  }
}
