import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Account } from './accounts.ts';
import { makeOwned, writeOwned } from './accounts.ts';
import { HostProcess } from './host-process.ts';
import type { HostDirectories, Init } from './init.ts';
import { type CommandResult, type RunOptions, run } from './run.ts';

/** Who runs a command on a host, and with what. */
export interface HostCommandOptions extends RunOptions {
  /** root unless told. */
  readonly user?: string;
}

/** PATH of a host's processes, as login(1) sets it; sbin for root's tools. */
const HOST_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/** One machine of the lab: its own network, processes, /etc, /home, /tmp, /run and users. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly directories: HostDirectories;
  readonly #init: Init;
  readonly #addresses = new Map<string, string>();
  #interfaces = 0;

  constructor(about: {
    name: string;
    namespace: string;
    accounts: ReadonlyMap<string, Account>;
    directories: HostDirectories;
    init: Init;
  }) {
    this.name = about.name;
    this.namespace = about.namespace;
    this.accounts = about.accounts;
    this.directories = about.directories;
    this.#init = about.init;
  }

  /** Pid of the host's first process, as the machine sees it. */
  get initPid(): number {
    return this.#init.pid;
  }

  /** Its address on the link to another host. @throws when there is no link */
  addressTo(other: Host | string): string {
    const name = typeof other === 'string' ? other : other.name;
    const address = this.#addresses.get(name);
    if (address === undefined) throw new Error(`${this.name} has no link to ${name}`);
    return address;
  }

  /** The name for one more network interface. */
  nextInterface(): string {
    return `eth${this.#interfaces++}`;
  }

  /** Notes the address it has towards another host. */
  addAddress(other: string, address: string): void {
    this.#addresses.set(other, address);
  }

  /** @throws when there is no such user */
  account(user: string): Account {
    const account = this.accounts.get(user);
    if (!account) throw new Error(`${this.name} has no user ${user}`);
    return account;
  }

  /** The command line that runs a command in here, for whatever starts processes (a pty, tmux, a bench). */
  argv(command: readonly string[], { user, env = {}, cwd }: HostCommandOptions = {}): string[] {
    const account = user === undefined || user === 'root' ? undefined : this.account(user);
    const home = account?.home ?? '/root';
    const variables = {
      HOME: home,
      USER: account?.name ?? 'root',
      LOGNAME: account?.name ?? 'root',
      SHELL: '/bin/bash',
      PATH: HOST_PATH,
      LANG: 'C.UTF-8',
      ...env,
    };
    const become = account
      ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.uid}`, '--clear-groups', '--']
      : [];
    return [
      'nsenter',
      `--target=${this.#init.pid}`,
      '--mount',
      '--net',
      '--pid',
      '--uts',
      '--',
      ...become,
      'env',
      '-i',
      '-C',
      cwd ?? home,
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...command,
    ];
  }

  /** Runs a command to its end. A text is a command line for sh. */
  exec(command: string | readonly string[], options: HostCommandOptions = {}): Promise<CommandResult> {
    const { env: _env, cwd: _cwd, ...rest } = options;
    return run(this.argv(commandOf(command), options), rest);
  }

  /** As `exec`, but anything but exit 0 is thrown; gives stdout. */
  async must(command: string | readonly string[], options: HostCommandOptions = {}): Promise<string> {
    const result = await this.exec(command, options);
    if (result.code === 0) return result.stdout;
    throw new Error(
      `${this.name}: ${command} ended with ${result.code ?? result.signal}: ${result.stderr}${result.stdout}`,
    );
  }

  /** Starts a process and lets it run; it ends with the host at the latest. */
  spawn(command: string | readonly string[], options: HostCommandOptions = {}): HostProcess {
    return new HostProcess(this.spawnRaw(command, options));
  }

  /** As `spawn`, with nobody reading its output. */
  spawnRaw(command: string | readonly string[], options: HostCommandOptions = {}): ChildProcess {
    const [program = '', ...args] = this.argv(commandOf(command), options);
    return spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' } : {}),
    });
  }

  /** Where a path of a user's home lies on the machine. */
  homePath(user: string, ...path: readonly string[]): string {
    return join(this.directories.home, this.account(user).name, ...path);
  }

  /** Writes a file anywhere on the host, as root; its directory is made where it is missing. */
  async writeFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && rm -f "$1" && umask 077 && cat > "$1" && chmod "$2" "$1"';
    await this.must(['/bin/sh', '-c', script, 'write', path, mode.toString(8)], { input: content });
  }

  /** Writes a file below a user's home, which the user owns. */
  async writeHome(user: string, path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
    const { uid } = this.account(user);
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      await makeOwned(this.homePath(user, ...parts.slice(0, depth)), { uid, mode: 0o700 });
    }
    await writeOwned(this.homePath(user, path), content, { uid, mode });
  }

  /** Loads rules into the host's own nftables. */
  async nft(rules: string): Promise<void> {
    await this.must(['nft', '-f', '-'], { input: rules });
  }

  /** Drops all UDP in and out, as many company firewalls do; without a word, so nobody is told. */
  dropUdp(): Promise<void> {
    return this.nft(`table inet lab_udp {
      chain in { type filter hook input priority 0; iifname != "lo" meta l4proto udp drop; }
      chain out { type filter hook output priority 0; oifname != "lo" meta l4proto udp drop; }
    }`);
  }

  /** Lets nothing in but connections to its SSH server, and out what belongs to them: a host behind a bastion's rules. */
  passSshOnly(): Promise<void> {
    return this.nft(`table inet lab_ssh {
      chain in { type filter hook input priority 0; policy drop; iifname "lo" accept; tcp dport 22 accept; }
      chain out { type filter hook output priority 0; policy drop; oifname "lo" accept; tcp sport 22 accept; }
    }`);
  }

  /** Undoes `passSshOnly`. */
  async passAll(): Promise<void> {
    await this.nft('delete table inet lab_ssh');
  }

  /** Undoes `dropUdp`. */
  async passUdp(): Promise<void> {
    await this.nft('delete table inet lab_udp');
  }
}

const commandOf = (command: string | readonly string[]): readonly string[] =>
  typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
