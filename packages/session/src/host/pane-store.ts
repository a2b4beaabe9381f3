import type { Abortable } from '@ouro/signaling';
import type { CommandArgs } from '../commands.ts';
import { HANGUP_GRACE_MS, MAX_CLIPBOARD_BYTES, MAX_PANES, SPAWN_TIMEOUT_MS } from '../constants.ts';
import { type ExitStatus, SessionError } from '../errors.ts';
import type { Clock, Logger, TerminalSize } from '../types.ts';
import type { StartingPoint } from './attachment.ts';
import { Exits } from './exits.ts';
import { type Mark, Marks } from './marks.ts';
import { HostPane, type Places } from './pane.ts';
import type { HostProcess, ProcessSpawner, SpawnRequest } from './process.ts';

/** One pane, for status. */
export interface PaneInfo {
  readonly id: number;
  readonly pid: number | undefined;
  readonly argv: readonly string[];
  /** Undefined without a pty. */
  readonly size: TerminalSize | undefined;
  /** Clients attached now. */
  readonly clients: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Settings of a PaneStore. */
export interface PaneStoreOptions {
  spawner: ProcessSpawner;
  logger: Logger;
  clock: Clock;
  /** Bytes of output kept per pane. Default `RING_BYTES`, at least `MIN_RING_BYTES`. */
  ringBytes?: number;
}

/** One client's control channel, as the store needs it. */
export interface StoreClient {
  /** Tells it what another client did; does not wait. Never throws. */
  tell<T extends 'resize' | 'set_payload'>(type: T, args: CommandArgs<T>): void;
  /** @throws SessionError */
  setClipboard(data: string, mimetype: string, options: Abortable): Promise<void>;
  /** @throws SessionError */
  getClipboard(options: Abortable): Promise<string>;
}

/** All panes of an agent, whatever clients come and go. */
export class PaneStore implements AsyncDisposable {
  readonly #options: PaneStoreOptions;
  readonly #panes = new Map<number, HostPane>();
  readonly #marks: Marks;
  readonly #exits: Exits;
  /** The one that did something last is the last. */
  readonly #clients = new Set<StoreClient>();
  readonly #stop = new AbortController();
  #nextId = 1;
  #starting = 0;

  constructor(options: PaneStoreOptions) {
    this.#options = options;
    this.#marks = new Marks(options.clock);
    this.#exits = new Exits(options.clock);
  }

  /** The panes whose process runs. */
  list(): PaneInfo[] {
    return [...this.#panes.values()].map(({ id, process, argv, size, clients, startedAt }) => ({
      id,
      pid: process.pid,
      argv,
      size,
      clients,
      startedAt,
    }));
  }

  /** A pane whose process runs. */
  get(id: number): HostPane | undefined {
    return this.#panes.get(id);
  }

  /** How the process of a late pane ended, if that was not long ago. */
  exitOf(id: number): ExitStatus | undefined {
    return this.#exits.get(id);
  }

  /**
   * Starts a process in a new pane. The caller attaches its client and then calls `start`, in the turn in which
   * this resolves. @throws SessionError `busy`, `spawn-failed`, `aborted`
   */
  async create(request: SpawnRequest & { parent?: number }, { signal }: Abortable): Promise<HostPane> {
    if (this.#panes.size + this.#starting >= MAX_PANES) {
      throw new SessionError('busy', `This agent has ${MAX_PANES} panes already: close one first`);
    }
    this.#starting += 1;
    try {
      const process = await this.#spawn(request, signal);
      return this.#add(request, process);
    } finally {
      this.#starting -= 1;
    }
  }

  async #spawn(request: SpawnRequest & { parent?: number }, signal: AbortSignal): Promise<HostProcess> {
    const limits = [signal, this.#stop.signal, AbortSignal.timeout(SPAWN_TIMEOUT_MS)];
    const { argv, size, env, parent } = request;
    try {
      const cwd = request.cwd ?? (await this.get(parent ?? 0)?.process.cwd());
      return await this.#options.spawner.spawn(
        { argv, ...(env && { env }), ...(size && { size }), ...(cwd !== undefined && { cwd }) },
        { signal: AbortSignal.any(limits) },
      );
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'unknown failure';
      throw new SessionError('spawn-failed', `Cannot run ${argv[0]}: ${why}`, { cause });
    }
  }

  #add({ argv, size }: SpawnRequest, process: HostProcess): HostPane {
    const { clock, logger, ringBytes } = this.#options;
    const id = this.#nextId;
    this.#nextId += 1;
    const onExit = (status: ExitStatus) => {
      this.#panes.delete(id);
      this.#exits.add(id, status);
      logger.info({ pane: id, ...status }, 'a process ended');
    };
    const startedAt = clock.now();
    const pane = new HostPane({
      id,
      argv,
      process,
      startedAt,
      onExit,
      ...(size && { size }),
      ...(ringBytes !== undefined && { ringBytes }),
    });
    this.#panes.set(id, pane);
    logger.info({ pane: id, pid: process.pid, pty: size !== undefined }, 'a process was started');
    return pane;
  }

  /** Remembers where a client is; panes it does not watch count from where their output is now. @returns the marker */
  mark(watched: ReadonlyMap<number, StartingPoint>): number {
    const end = ({ stdout, stderr }: HostPane): Places => ({ stdout: stdout.end, stderr: stderr?.end ?? 0 });
    const places = new Map<number, StartingPoint>(watched);
    for (const pane of this.#panes.values()) {
      if (!places.has(pane.id)) places.set(pane.id, end(pane));
    }
    return this.#marks.add({ places, nextId: this.#nextId });
  }

  /** The mark with this number, if it is still remembered. */
  markOf(marker: number): Mark | undefined {
    return this.#marks.get(marker);
  }

  /** A client with a control channel is there. */
  join(client: StoreClient): void {
    this.#clients.add(client);
  }

  leave(client: StoreClient): void {
    this.#clients.delete(client);
  }

  /** This client did something just now. */
  touch(client: StoreClient): void {
    if (this.#clients.delete(client)) this.#clients.add(client);
  }

  /** Tells all clients but one. */
  broadcast<T extends 'resize' | 'set_payload'>(from: StoreClient, type: T, args: CommandArgs<T>): void {
    for (const client of this.#clients) if (client !== from) client.tell(type, args);
  }

  /** Puts text on the clipboard of the client that was active last. @throws SessionError `no-client`, `refused`, `timeout`, `oversize` */
  async setClipboard(data: string, mimetype: string, options: Abortable): Promise<void> {
    if (new TextEncoder().encode(data).length > MAX_CLIPBOARD_BYTES) {
      throw new SessionError('oversize', `A clipboard holds at most ${MAX_CLIPBOARD_BYTES} bytes`);
    }
    await this.#active().setClipboard(data, mimetype, options);
  }

  /** The clipboard of the client that was active last. @throws SessionError `no-client`, `refused`, `timeout` */
  async getClipboard(options: Abortable): Promise<string> {
    return await this.#active().getClipboard(options);
  }

  #active(): StoreClient {
    const client = [...this.#clients].at(-1);
    if (client) return client;
    throw new SessionError('no-client', 'No client is connected whose clipboard could be used');
  }

  /** Sends HUP to all processes, KILL to those that stay, and forgets all. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    for (const name of ['HUP', 'KILL'] as const) {
      for (const pane of this.#panes.values()) pane.kill(name);
      await this.#emptied();
    }
    this.#panes.clear();
  }

  /** Resolves when no pane is left, or after `HANGUP_GRACE_MS`. */
  async #emptied(): Promise<void> {
    const ended = [...this.#panes.values()].map((pane) => pane.over);
    if (ended.length === 0) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, HANGUP_GRACE_MS);
    await Promise.race([Promise.all(ended), late]);
    clearTimeout(timer);
  }
}
