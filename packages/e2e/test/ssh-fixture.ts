import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectSsh,
  type ExpandContext,
  resolveSshConfig,
  type SshConnection,
  type SshPrompt,
  type SshQuestion,
} from '@ouro/ssh-client';
import { type HostSpec, Lab, must, type SshdSpec } from '../src/lab/index.ts';

/** How one connection of a test is made. */
export interface ConnectSpec {
  readonly port: number;
  readonly user?: string;
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** ProxyJump for this host alone. */
  readonly jump?: string;
  /** Lines of the user's ssh_config for this host. */
  readonly config?: readonly string[];
  /** What is typed, in order; more questions are answered with nothing. */
  readonly answers?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly openSsh?: boolean;
}

/** A user at home: an own directory in place of `~`, an own ~/.ssh, and a record of what was asked. */
export class AtHome implements AsyncDisposable {
  readonly home: string;
  readonly asked: SshQuestion[] = [];

  private constructor(home: string) {
    this.home = home;
  }

  static async create(): Promise<AtHome> {
    const home = new AtHome(await mkdtemp(join(tmpdir(), 'ouro-home-')));
    await must(['mkdir', '-m', '700', join(home.home, '.ssh')]);
    return home;
  }

  path(name: string): string {
    return join(this.home, '.ssh', name);
  }

  /** Makes a key and gives its public line. */
  async key(
    name: string,
    options: { passphrase?: string; type?: string; format?: string } = {},
  ): Promise<string> {
    const { passphrase = '', type = 'ed25519', format } = options;
    const args = ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', this.path(name)];
    await must(['ssh-keygen', ...args, ...(format ? ['-m', format] : [])]);
    return readFile(this.path(`${name}.pub`), 'utf8');
  }

  /** Files a host key under a name. */
  async trust(line: string): Promise<void> {
    const file = this.path('known_hosts');
    const old = await readFile(file, 'utf8').catch(() => '');
    await writeFile(file, `${old}${line}\n`, { mode: 0o600 });
  }

  knownHosts(): Promise<string> {
    return readFile(this.path('known_hosts'), 'utf8').catch(() => '');
  }

  context(env: Readonly<Record<string, string>> = {}): ExpandContext {
    return {
      home: this.home,
      localUser: 'nobody-here',
      localHost: 'client',
      env: { PATH: process.env.PATH, HOME: this.home, ...env },
    };
  }

  async connect(spec: ConnectSpec): Promise<SshConnection> {
    const signal = AbortSignal.timeout(20_000);
    const configFile = this.path('config');
    await writeFile(
      configFile,
      [
        ...(spec.jump ? [`Host ${spec.host ?? '127.0.0.1'}`, `  ProxyJump ${spec.jump}`] : []),
        'Host *',
        // `ssh -G` knows the account's home only, whatever HOME says: a test names its files itself.
        `  UserKnownHostsFile ${this.path('known_hosts')}`,
        '  GlobalKnownHostsFile none',
        ...(spec.config ?? []).map((line) => `  ${line}`),
        ...(spec.config?.some((line) => line.startsWith('IdentityFile')) ? [] : ['  IdentityFile none']),
        '',
      ].join('\n'),
    );
    const context = this.context(spec.env);
    const program = spec.openSsh === false ? ({ sshProgram: false, keygen: false } as const) : {};
    const target = `${spec.user ?? 'ada'}@${spec.host ?? '127.0.0.1'}:${spec.port}`;
    const config = await resolveSshConfig(target, { signal, configFile, context, ...program });
    return connectSsh(config, {
      signal,
      context,
      configFile,
      prompt: this.prompt(spec.answers ?? []),
      ...program,
    });
  }

  prompt(answers: readonly string[]): SshPrompt {
    const left = [...answers];
    return async (question) => {
      this.asked.push(question);
      return left.shift();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

/** One host with an sshd, a door to it, and a user at home who trusts its key. */
export class SshFixture implements AsyncDisposable {
  readonly lab: Lab;
  readonly at: AtHome;
  readonly port: number;

  private constructor(lab: Lab, at: AtHome, port: number) {
    this.lab = lab;
    this.at = at;
    this.port = port;
  }

  /** @param prepare makes keys before the host is, so that they can be authorized there */
  static async create(
    sshd: SshdSpec,
    prepare: (at: AtHome) => Promise<HostSpec> = async () => ({}),
    options: { trust?: boolean } = {},
  ): Promise<SshFixture> {
    const at = await AtHome.create();
    const lab = await Lab.create({ hosts: { server: { ...(await prepare(at)), sshd } } });
    const door = await lab.sshd('server').door();
    if (options.trust !== false)
      await at.trust(`[127.0.0.1]:${door.port} ${await lab.sshd('server').hostKey()}`);
    return new SshFixture(lab, at, door.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
    await this.at[Symbol.asyncDispose]();
  }
}

/** stdout of a command, and how it ended. */
export const outputOf = async (connection: SshConnection, command: string): Promise<string> => {
  const channel = await connection.exec(command, { signal: AbortSignal.timeout(10_000) });
  channel.discardStderr();
  let text = '';
  for await (const chunk of channel.readable) text += Buffer.from(chunk).toString('utf8');
  const { code, signal } = await channel.exited;
  return `${text}[${code ?? signal}]`;
};
