import { type CommandTable, ControlChannel } from '@ouro/control';
import { type MemoryOptions, type MemoryPeer, peerPair } from '@ouro/control/memory';
import {
  type ExitStatus,
  type HostProcess,
  type Logger,
  PaneStore,
  type PaneStoreOptions,
  type ProcessEvents,
  type ProcessSpawner,
  type Purpose,
  Session,
  SessionHost,
  type SessionOptions,
  type SignalName,
  type SpawnRequest,
  type TerminalSize,
} from '../src/index.ts';

export const signal = new AbortController().signal;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const encoder = new TextEncoder();
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A process that does what the test says. It stands for the agent's own, which these packages never see. */
export class TestProcess implements HostProcess {
  readonly pid = 4711;
  readonly request: SpawnRequest;
  readonly input: Uint8Array[] = [];
  readonly signals: SignalName[] = [];
  readonly sizes: TerminalSize[] = [];
  inputEnds = 0;
  paused = false;
  started = false;
  /** While set, input is not taken. */
  gate: Promise<void> | undefined;
  #events: ProcessEvents | undefined;
  #onResume: (() => void)[] = [];
  readonly #cat: boolean;

  constructor(request: SpawnRequest) {
    this.request = request;
    this.#cat = request.argv[0] === 'cat';
  }

  start(events: ProcessEvents): void {
    this.started = true;
    this.#events = events;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.gate;
    this.input.push(bytes.slice());
    if (this.#cat) this.print(bytes);
  }

  endInput(): void {
    this.inputEnds += 1;
    if (this.#cat) this.exit({ code: 0, signal: null });
  }

  resize(size: TerminalSize): void {
    this.sizes.push(size);
  }

  kill(name: SignalName): void {
    this.signals.push(name);
    if (name === 'HUP' || name === 'KILL') this.exit({ code: null, signal: `SIG${name}` });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    for (const wake of this.#onResume.splice(0)) wake();
  }

  async cwd(): Promise<string> {
    return `/cwd/of/${this.request.argv[0]}`;
  }

  print(output: string | Uint8Array): void {
    this.#events?.stdout(typeof output === 'string' ? encoder.encode(output) : output);
  }

  complain(output: string | Uint8Array): void {
    this.#events?.stderr(typeof output === 'string' ? encoder.encode(output) : output);
  }

  exit(status: ExitStatus = { code: 0, signal: null }): void {
    this.#events?.exit(status);
  }

  /** Prints as a program does: as long as it is read, with other things going on between its writes. */
  async flood(chunks: Iterable<Uint8Array>): Promise<void> {
    for (const chunk of chunks) {
      if (this.paused) await new Promise<void>((resolve) => this.#onResume.push(resolve));
      this.print(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** All input so far. */
  get inputText(): string {
    return text(concat(this.input));
  }
}

/** One agent with its panes, and clients that connect to it. */
export class Lab implements AsyncDisposable {
  readonly processes: TestProcess[] = [];
  readonly hosts: SessionHost[] = [];
  readonly peers: [MemoryPeer, MemoryPeer][] = [];
  readonly store: PaneStore;
  payload = '';
  /** Purposes that the next host serves besides its own. */
  purposes: readonly Purpose[] = [];
  /** What the hosts logged, at any level. */
  readonly logged: object[] = [];
  now = 1_000_000;
  spawnFails: Error | undefined;

  constructor(options: Partial<PaneStoreOptions> = {}) {
    const spawner: ProcessSpawner = {
      spawn: async (request) => {
        if (this.spawnFails) throw this.spawnFails;
        const process = new TestProcess(request);
        this.processes.push(process);
        return process;
      },
    };
    const clock = { now: () => this.now };
    this.store = new PaneStore({ spawner, logger: silent, clock, ...options });
  }

  /** The newest process. */
  get process(): TestProcess {
    const process = this.processes.at(-1);
    if (!process) throw new Error('No process was started');
    return process;
  }

  /** A peer whose other end this agent serves. */
  connect(options: MemoryOptions = {}): MemoryPeer {
    const [near, far] = peerPair(options);
    this.peers.push([near, far]);
    const payload = {
      get: () => this.payload,
      set: (value: string) => {
        this.payload = value;
      },
    };
    const clock = { now: () => this.now };
    const note = (fields: object) => this.logged.push(fields);
    const host = new SessionHost({
      peer: far,
      panes: this.store,
      payload,
      info: { version: '1.2.3' },
      purposes: this.purposes,
      logger: { debug: note, info: note, warn: note, error: note },
      clock,
    });
    this.hosts.push(host);
    return near;
  }

  /** A client of this project. */
  client(options: MemoryOptions & Partial<SessionOptions> = {}): Promise<Session> {
    return Session.open(this.connect(options), { signal, version: '1.2.3', ...options });
  }

  /** A client that speaks the bare wire, also what is none of its commands. */
  bare(options: MemoryOptions = {}): { peer: MemoryPeer; control: ControlChannel<CommandTable> } {
    const peer = this.connect(options);
    return { peer, control: new ControlChannel(peer.createDataChannel('%'), {}) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.hosts) await host.close();
    await this.store[Symbol.asyncDispose]();
    for (const [near] of this.peers) near.close();
  }
}

/** All of a stream. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concat(chunks);
}

/** Collects a stream while it goes on. */
export class Collector {
  readonly chunks: Uint8Array[] = [];
  readonly done: Promise<void>;
  #looks: { enough: () => boolean; resolve: () => void }[] = [];

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.done = this.#run(stream);
    this.done.catch(() => {});
  }

  get bytes(): Uint8Array {
    return concat(this.chunks);
  }

  get text(): string {
    return text(this.bytes);
  }

  /** Resolves when the text contains this. */
  async has(part: string): Promise<void> {
    await this.until(() => this.text.includes(part));
  }

  async until(enough: () => boolean): Promise<void> {
    if (enough()) return;
    await new Promise<void>((resolve) => this.#looks.push({ enough, resolve }));
  }

  async #run(stream: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      this.chunks.push(chunk);
      for (const look of this.#looks) if (look.enough()) look.resolve();
    }
  }
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Resolves when this holds, looked at after each turn; the test's own time-out is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Bytes that never repeat within 64 KiB, so that a byte lost or doubled shows. */
export function pattern(length: number, from = 0): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i += 1) words[i] = Math.imul(from / 4 + i + 1, 2654435761);
  return new Uint8Array(words.buffer, 0, length);
}
