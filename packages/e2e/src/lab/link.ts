import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { COMMAND_TIMEOUT_MS } from './constants.ts';
import type { Host } from './host.ts';
import { killAndWait, must, run, spawnBound } from './run.ts';
import { until } from './until.ts';

/** What a link does to packets, in each direction. */
export interface LinkShape {
  /** One-way delay in ms; a round trip takes twice this. */
  readonly delayMs?: number;
  /** Packets lost, in percent. */
  readonly lossPercent?: number;
}

/** A link between two hosts; with a shape it goes through a wire filter, which can be changed while it is used. */
export interface LinkSpec extends LinkShape {
  readonly between: readonly [string, string];
}

interface End {
  readonly host: Host;
  readonly device: string;
  readonly address: string;
}

/** A cable between two hosts. */
export abstract class Link implements AsyncDisposable {
  readonly ends: readonly [End, End];

  constructor(ends: readonly [End, End]) {
    this.ends = ends;
  }

  /** Pulls the plug: both interfaces go down. */
  async cut(): Promise<void> {
    for (const { host, device } of this.ends)
      await must(['ip', '-n', host.namespace, 'link', 'set', device, 'down']);
  }

  /** Puts the plug back. */
  async restore(): Promise<void> {
    for (const { host, device } of this.ends)
      await must(['ip', '-n', host.namespace, 'link', 'set', device, 'up']);
  }

  /** Gives both ends their addresses and brings them up. */
  async configure(): Promise<void> {
    for (const { host, device, address } of this.ends) {
      await must(['ip', '-n', host.namespace, 'address', 'add', `${address}/24`, 'dev', device]);
      await must(['ip', '-n', host.namespace, 'link', 'set', device, 'up']);
    }
    // The kernel tells programs of a new carrier once a second: until then an interface is up, but not running.
    await Promise.all(this.ends.map((end) => this.#running(end)));
    const [a, b] = this.ends;
    a.host.addAddress(b.host.name, a.address);
    b.host.addAddress(a.host.name, b.address);
  }

  async #running({ host, device }: End): Promise<void> {
    const look = async () =>
      /state (UP|UNKNOWN)/.test(await must(['ip', '-n', host.namespace, 'link', 'show', device]));
    await until(look, { what: `the carrier of ${device} of ${host.name}` });
  }

  abstract set(shape: LinkShape): Promise<void>;
  abstract [Symbol.asyncDispose](): Promise<void>;
}

/** Without delay or loss: a pair of virtual interfaces, as fast as the kernel. */
export class VethLink extends Link {
  async start(): Promise<void> {
    const [a, b] = this.ends;
    await must(
      ['ip', 'link', 'add', a.device, 'netns', a.host.namespace, 'type', 'veth'].concat([
        'peer',
        'name',
        b.device,
        'netns',
        b.host.namespace,
      ]),
    );
    await this.configure();
  }

  set(): Promise<void> {
    return Promise.reject(
      new Error('This link has no wire filter; give it a delay or a loss (0 will do) when it is made'),
    );
  }

  /** It goes with its namespaces. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** With delay and loss: a switch per end and a wire filter between them, all in user space (no netem is needed). */
export class FilteredLink extends Link {
  readonly #directory: string;
  readonly #children: ChildProcess[] = [];

  constructor(ends: readonly [End, End], directory: string) {
    super(ends);
    this.#directory = directory;
  }

  async start(shape: LinkShape): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const switches = this.ends.map((_end, index) => join(this.#directory, `switch${index}`));
    for (const path of switches) this.#spawn(['vde_switch', '--sock', path]);
    for (const path of switches) await this.#listening(join(path, 'ctl'));
    const filter = ['--vde-plug', switches.join(':'), '--mgmt', this.#management];
    this.#spawn([
      'wirefilter',
      ...filter,
      '--delay',
      `${shape.delayMs ?? 0}`,
      '--loss',
      `${shape.lossPercent ?? 0}`,
    ]);
    for (const [index, { host, device }] of this.ends.entries()) {
      this.#spawn([
        'ip',
        'netns',
        'exec',
        host.namespace,
        'vde_plug2tap',
        '--sock',
        switches[index] ?? '',
        device,
      ]);
      await this.#device(host, device);
    }
    await this.#listening(this.#management);
    await this.configure();
  }

  get #management(): string {
    return join(this.#directory, 'filter.sock');
  }

  #spawn(argv: readonly string[]): void {
    // The switch and the filter read commands from stdin and end with it: it stays open as long as we live.
    const child = spawnBound(argv, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    this.#children.push(child);
  }

  async #listening(path: string): Promise<void> {
    const { stat } = await import('node:fs/promises');
    await until(async () => (await stat(path).catch(() => undefined)) !== undefined, { what: path });
  }

  async #device(host: Host, device: string): Promise<void> {
    const look = async () => (await run(['ip', '-n', host.namespace, 'link', 'show', device])).code === 0;
    await until(look, { what: `${device} of ${host.name}` });
  }

  /** Changes the link while it is in use. */
  async set({ delayMs, lossPercent }: LinkShape): Promise<void> {
    const commands = [
      ...(delayMs === undefined ? [] : [`delay ${delayMs}`]),
      ...(lossPercent === undefined ? [] : [`loss ${lossPercent}`]),
    ];
    for (const command of commands) await this.#command(command);
  }

  /** One command to the wire filter; behind its prompt it answers `1000`, or another number for a failure. */
  #command(command: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let said = '';
      const socket = connect(this.#management, () => socket.write(`${command}\n`));
      socket.setTimeout(COMMAND_TIMEOUT_MS, () =>
        socket.destroy(new Error(`no answer to ${command}: ${said}`)),
      );
      socket.on('data', (chunk) => {
        said += chunk.toString('utf8');
        const code = /(?:^|\$ )(1\d{3}) /m.exec(said)?.[1];
        if (code === undefined) return;
        socket.destroy();
        if (code === '1000') resolve();
        else reject(new Error(`${command}: ${said}`));
      });
      socket.once('error', reject);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => killAndWait(child)));
  }
}
