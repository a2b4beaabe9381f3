import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAccounts, type UserSpec } from './accounts.ts';
import { PREFIX } from './constants.ts';
import { Host } from './host.ts';
import { makeDirectories, startInit } from './init.ts';
import { FilteredLink, type Link, type LinkSpec, VethLink } from './link.ts';
import { killAndWait, must } from './run.ts';
import { Sshd, type SshdSpec } from './sshd.ts';
import { removeNamespace, sweep } from './sweep.ts';

/** One host of a lab. */
export interface HostSpec {
  /** Its users besides root; `ada` alone unless told. */
  readonly users?: Readonly<Record<string, UserSpec>>;
  /** Its OpenSSH server; none unless given. */
  readonly sshd?: SshdSpec;
}

/** A lab: hosts, and the cables between them. */
export interface LabSpec {
  readonly hosts: Readonly<Record<string, HostSpec>>;
  readonly links?: readonly LinkSpec[];
}

/**
 * A disposable network of machines made of namespaces. Everything in it (processes, interfaces, files) is gone after
 * its disposal, and after a killed run as soon as the next lab is made. Needs root.
 */
export class Lab implements AsyncDisposable {
  /** Where its files lie on the machine. */
  readonly directory: string;
  readonly links: Link[] = [];
  readonly #hosts = new Map<string, Host>();
  readonly #servers = new Map<string, Sshd>();
  readonly #stack = new AsyncDisposableStack();

  private constructor(directory: string) {
    this.directory = directory;
    this.#stack.defer(() => rm(directory, { recursive: true, force: true }));
  }

  /** Builds it; whatever fails on the way is taken down again. */
  static async create(spec: LabSpec): Promise<Lab> {
    await sweep();
    const directory = await mkdtemp(join(tmpdir(), `${PREFIX}-${process.pid}-${Date.now()}-`));
    const lab = new Lab(directory);
    try {
      await lab.#build(spec);
      return lab;
    } catch (thrown) {
      await lab[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async #build({ hosts, links = [] }: LabSpec): Promise<void> {
    await Promise.all(Object.entries(hosts).map(([name, host]) => this.#addHost(name, host)));
    for (const [index, link] of links.entries()) await this.#addLink(index, link);
    await Promise.all([...this.#hosts.values()].map((host) => this.#writeNames(host)));
    await Promise.all(
      Object.entries(hosts).map(async ([name, { sshd }]) => {
        if (sshd) this.#servers.set(name, this.#stack.use(await Sshd.start(this.host(name), sshd)));
      }),
    );
  }

  /** @throws when there is no such host */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`This lab has no host ${name}`);
    return host;
  }

  /** A host's OpenSSH server. @throws when it has none */
  sshd(name: string): Sshd {
    const sshd = this.#servers.get(name);
    if (!sshd) throw new Error(`${name} has no sshd`);
    return sshd;
  }

  /** The link between two hosts. @throws when there is none */
  link(a: string, b: string): Link {
    const found = this.links.find(({ ends }) => {
      const names = ends.map(({ host }) => host.name);
      return names.includes(a) && names.includes(b);
    });
    if (!found) throw new Error(`There is no link between ${a} and ${b}`);
    return found;
  }

  async #addHost(name: string, { users = { ada: {} } }: HostSpec): Promise<void> {
    const stamp = this.directory.split('-').at(-1) ?? '';
    const namespace = `${PREFIX}-${process.pid}-${this.#hosts.size}${stamp}-${name}`.slice(0, 200);
    const base = join(this.directory, name);
    await must(['ip', 'netns', 'add', namespace]);
    this.#stack.defer(() => removeNamespace(namespace));
    await must(['ip', '-n', namespace, 'link', 'set', 'lo', 'up']);
    const directories = await makeDirectories(base);
    const accounts = await makeAccounts(directories, users);
    const init = await startInit(namespace, base, name);
    this.#stack.defer(() => killAndWait(init.child));
    const host = new Host({ name, namespace, accounts, directories, init });
    this.#hosts.set(name, host);
    await setPasswords(host);
  }

  async #addLink(index: number, { between, ...shape }: LinkSpec): Promise<void> {
    const [a, b] = between.map((name) => this.host(name));
    if (!a || !b) throw new Error('A link has two ends');
    const ends = [
      { host: a, device: a.nextInterface(), address: `10.77.${index}.1` },
      { host: b, device: b.nextInterface(), address: `10.77.${index}.2` },
    ] as const;
    if (shape.delayMs === undefined && shape.lossPercent === undefined) {
      const link = new VethLink(ends);
      await link.start();
      this.links.push(link);
      return;
    }
    const link = this.#stack.use(new FilteredLink(ends, join(this.directory, `link${index}`)));
    await link.start(shape);
    this.links.push(link);
  }

  /** Each host knows those it has a link to by name, and asks no name server. */
  async #writeNames(host: Host): Promise<void> {
    const others = [...this.#hosts.values()].filter((other) => other !== host);
    const lines = others.flatMap((other) => {
      const link = this.links.find(
        ({ ends }) => ends.some((end) => end.host === host) && ends.some((end) => end.host === other),
      );
      return link ? [`${other.addressTo(host)} ${other.name}`] : [];
    });
    const own = `127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ${host.name}\n`;
    await host.writeFile('/etc/hosts', `${own}${lines.join('\n')}\n`);
    await host.writeFile('/etc/resolv.conf', 'options timeout:1 attempts:1\n');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

const setPasswords = async (host: Host): Promise<void> => {
  const lines = [...host.accounts.values()].flatMap(({ name, password }) =>
    password ? [`${name}:${password}\n`] : [],
  );
  if (lines.length > 0) await host.must(['chpasswd', '-c', 'SHA256'], { input: lines.join('') });
};
