import { Door } from './door.ts';
import type { Host } from './host.ts';
import type { HostProcess } from './host-process.ts';
import { until } from './until.ts';

/** Types of host keys that a server may have. */
export type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** How a host's OpenSSH server is set up. Keys always do. */
export interface SshdSpec {
  readonly port?: number;
  readonly password?: boolean;
  /** One-time code that keyboard-interactive logins want, after the user's password where there is one. */
  readonly otp?: string;
  /** ed25519 and ecdsa unless told. */
  readonly hostKeys?: readonly HostKeyType[];
  /** Further lines of sshd_config; they win over the lab's. */
  readonly config?: readonly string[];
}

const configOf = (spec: SshdSpec, keys: readonly HostKeyType[]): string =>
  [
    ...(spec.config ?? []),
    `Port ${spec.port ?? 22}`,
    ...keys.map((type) => `HostKey ${keyPath(type)}`),
    'PidFile /run/sshd.pid',
    'UseDNS no',
    'StrictModes yes',
    'PrintMotd no',
    'MaxStartups 100',
    'AcceptEnv LANG LC_* OURO_*',
    'LogLevel VERBOSE',
    `PasswordAuthentication ${spec.password ? 'yes' : 'no'}`,
    `KbdInteractiveAuthentication ${spec.otp ? 'yes' : 'no'}`,
    `UsePAM ${spec.otp ? 'yes' : 'no'}`,
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');

const keyPath = (type: HostKeyType): string => `/etc/ssh/lab_${type}`;

/** A PAM stack with a one-time code and nothing of the machine's own. */
const PAM = [
  'auth required pam_exec.so expose_authtok quiet /etc/ssh/lab_otp',
  'auth required pam_permit.so',
  'account required pam_permit.so',
  'session required pam_permit.so',
  '',
].join('\n');

/** The real OpenSSH server of a host. */
export class Sshd implements AsyncDisposable {
  readonly host: Host;
  readonly port: number;
  readonly #keys: readonly HostKeyType[];
  readonly #doors: Door[] = [];
  #process: HostProcess | undefined;

  private constructor(host: Host, spec: SshdSpec) {
    this.host = host;
    this.port = spec.port ?? 22;
    this.#keys = spec.hostKeys ?? ['ed25519', 'ecdsa'];
  }

  /** Writes its files and starts it; it listens on every address of the host. */
  static async start(host: Host, spec: SshdSpec = {}): Promise<Sshd> {
    const sshd = new Sshd(host, spec);
    await sshd.#install(spec);
    await sshd.restart();
    return sshd;
  }

  async #install(spec: SshdSpec): Promise<void> {
    await Promise.all(this.#keys.map((type) => this.newHostKey(type)));
    await this.host.writeFile('/etc/ssh/sshd_config', configOf(spec, this.#keys), 0o600);
    if (spec.otp === undefined) return;
    await this.host.writeFile('/etc/pam.d/sshd', PAM);
    // pam_exec hands over what was typed, ended by a NUL byte.
    const check = `#!/bin/sh\n[ "$(tr -d '\\000')" = '${spec.otp}' ]\n`;
    await this.host.writeFile('/etc/ssh/lab_otp', check, 0o755);
  }

  /** Makes a host key, instead of the one there was. The server shows it from its next start on. */
  async newHostKey(type: HostKeyType): Promise<void> {
    const path = keyPath(type);
    await this.host.must(['rm', '-f', path, `${path}.pub`]);
    await this.host.must(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', '', '-f', path]);
  }

  /** The public host key as known_hosts has it: type and base64. */
  async hostKey(type: HostKeyType = 'ed25519'): Promise<string> {
    const line = await this.host.must(['cat', `${keyPath(type)}.pub`]);
    return line.trim().split(' ').slice(0, 2).join(' ');
  }

  /** Starts it, or starts it anew; logins that there are go on. */
  async restart(): Promise<void> {
    await this.stop();
    const process = this.host.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', '/etc/ssh/sshd_config']);
    this.#process = process;
    const died = process.exited.then(() => Promise.reject(new Error(`sshd ended: ${process.output}`)));
    died.catch(() => {});
    const up = until(() => process.output.includes('Server listening on'), {
      what: () => `sshd of ${this.host.name}: ${process.output}`,
    });
    await Promise.race([up, died]);
  }

  /** All that it logged since its last start. */
  get log(): string {
    return this.#process?.output ?? '';
  }

  /** Ends the listener; logins that there are go on. */
  async stop(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#process = undefined;
  }

  /** Kills the listener and every login. */
  async kill(): Promise<void> {
    await this.host.exec(['pkill', '-KILL', '-x', 'sshd']);
    await this.#process?.exited;
  }

  /** A door on the machine's loopback to this server; each connection gets an `sshd -i` of its own. */
  async door(): Promise<Door> {
    const door = await Door.open(this.host, ['/usr/sbin/sshd', '-i', '-e', '-f', '/etc/ssh/sshd_config']);
    this.#doors.push(door);
    return door;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#doors.map((door) => door[Symbol.asyncDispose]()));
    await this.stop();
  }
}
