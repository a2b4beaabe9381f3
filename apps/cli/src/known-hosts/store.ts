import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '@ouro/base/node';
import { Value } from 'typebox/value';
import { MAX_KNOWN_HOSTS_BYTES } from '../constants.ts';
import { CliError } from '../errors.ts';
import type { Target } from '../target.ts';
import { type KnownHost, type KnownHostsFile, KnownHostsSchema } from './schema.ts';

/** What is known of a host: nothing, or the fingerprints (compact form) it may show, at least one. */
export type Knowledge =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'pinned'; readonly fingerprints: string[] };

/** The fingerprints of hosts met before, in one JSON file of the user's own, 0600. */
export class KnownHosts {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * What this target may show. Its own entry counts alone; without one, what SSH logins to the same machine
   * vouched for counts, so that another transport is not a way around them.
   * @throws CliError `known-hosts`
   */
  async lookup(target: Target): Promise<Knowledge> {
    const { hosts } = await this.#read();
    const own = Object.hasOwn(hosts, target.key) ? hosts[target.key] : undefined;
    if (own !== undefined) return { kind: 'pinned', fingerprints: [own.fingerprint] };
    const { host } = target;
    const vouched = Object.values(hosts).filter((entry) => entry.vouched && entry.host === host);
    if (vouched.length === 0) return { kind: 'unknown' };
    return { kind: 'pinned', fingerprints: [...new Set(vouched.map((entry) => entry.fingerprint))] };
  }

  /** Keeps the fingerprint (compact form) that a target showed. A known target is left as it is. @throws CliError `known-hosts` */
  async remember(target: Target, fingerprint: string, now: Date): Promise<void> {
    await this.#keep(target, { fingerprint, vouched: false, now });
  }

  async #keep(
    target: Target,
    { fingerprint, vouched, now }: { fingerprint: string; vouched: boolean; now: Date },
  ): Promise<void> {
    const file = await this.#read();
    const { key } = target;
    if (Object.hasOwn(file.hosts, key)) return;
    const entry: KnownHost = {
      fingerprint,
      host: target.host,
      transport: target.transport,
      vouched,
      first_seen: now.toISOString(),
    };
    await this.#write({ version: 1, hosts: { ...file.hosts, [key]: entry } });
  }

  /** The TLS certificate that a target may show, compact form; undefined = any that the system trusts. @throws CliError `known-hosts` */
  async tlsPin(target: Target): Promise<string | undefined> {
    const { hosts } = await this.#read();
    return Object.hasOwn(hosts, target.key) ? hosts[target.key]?.tls_pin : undefined;
  }

  /** Keeps the TLS certificate that a target, whose `fingerprint` was checked, may show from now on. @throws CliError `known-hosts` */
  async pinTls(target: Target, tlsPin: string, fingerprint: string, now: Date): Promise<void> {
    await this.remember(target, fingerprint, now);
    const file = await this.#read();
    const { key } = target;
    const entry = file.hosts[key];
    if (entry === undefined || entry.tls_pin === tlsPin) return;
    await this.#write({ version: 1, hosts: { ...file.hosts, [key]: { ...entry, tls_pin: tlsPin } } });
  }

  /**
   * Keeps what an SSH login vouched for just now: the host that the user logged in to says so itself, so a new
   * identity replaces an old one. @throws CliError `known-hosts`
   */
  async vouch(target: Target, fingerprint: string, now: Date): Promise<'new' | 'same' | 'changed'> {
    const before = (await this.#read()).hosts;
    const known = Object.hasOwn(before, target.key) ? before[target.key] : undefined;
    if (known?.fingerprint === fingerprint) return 'same';
    if (known) await this.forget(target);
    await this.#keep(target, { fingerprint, vouched: true, now });
    return known ? 'changed' : 'new';
  }

  /** Forgets a target; says whether it was known. @throws CliError `known-hosts` */
  async forget(target: Target): Promise<boolean> {
    const file = await this.#read();
    const { key } = target;
    if (!Object.hasOwn(file.hosts, key)) return false;
    const { [key]: _gone, ...hosts } = file.hosts;
    await this.#write({ version: 1, hosts });
    return true;
  }

  async #read(): Promise<KnownHostsFile> {
    const text = await this.#text();
    return text === undefined ? { version: 1, hosts: {} } : this.#decode(text);
  }

  async #text(): Promise<string | undefined> {
    try {
      if ((await stat(this.#path)).size > MAX_KNOWN_HOSTS_BYTES) throw this.#bad('it is too large');
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error instanceof CliError ? error : this.#bad(systemCode(error) ?? 'it cannot be read', error);
    }
  }

  #decode(text: string): KnownHostsFile {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.#bad('it is not JSON', error);
    }
    if (!Value.Check(KnownHostsSchema, value)) throw this.#bad('it does not have the form of known hosts');
    return value;
  }

  async #write(file: KnownHostsFile): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      const { default: writeFileAtomic } = await import('write-file-atomic');
      await writeFileAtomic(this.#path, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
    } catch (error) {
      throw this.#bad(`it cannot be written (${systemCode(error) ?? 'unknown failure'})`, error);
    }
  }

  #bad(why: string, cause?: unknown): CliError {
    return new CliError(
      'known-hosts',
      `The file of known hosts ${this.#path} cannot be used: ${why}. Mend or remove it.`,
      { cause },
    );
  }
}
