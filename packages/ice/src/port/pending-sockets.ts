import { subscriber } from './address.ts';
import { UNREF } from './constants.ts';
import type { IcePortContext } from './context.ts';
import type { TcpConnection } from './tcp-connection.ts';

/**
 * TCP connections that have not proven anything yet. Each has until the deadline for its first frame; the oldest makes
 * place for a new one, since a real peer speaks at once.
 */
export class PendingSockets {
  readonly #context: Pick<IcePortContext, 'clock' | 'limits'>;
  readonly #deadlines = new Map<TcpConnection, () => void>();
  readonly #bySubscriber = new Map<string, Set<TcpConnection>>();

  constructor(context: Pick<IcePortContext, 'clock' | 'limits'>) {
    this.#context = context;
  }

  get size(): number {
    return this.#deadlines.size;
  }

  add(connection: TcpConnection): void {
    const { clock, limits } = this.#context;
    const key = subscriber(connection.remote.address);
    const siblings = this.#bySubscriber.get(key) ?? new Set();
    if (siblings.size >= limits.pendingPerAddress) this.#evict(siblings.values().next().value);
    if (this.size >= limits.pendingSockets) this.#evict(this.#deadlines.keys().next().value);
    this.#bySubscriber.set(key, siblings.add(connection));
    this.#deadlines.set(
      connection,
      clock.after(limits.firstFrameMs, () => connection.drop('deadline'), UNREF),
    );
  }

  /** The connection proved itself, or is closed. Twice is once. */
  remove(connection: TcpConnection): void {
    this.#deadlines.get(connection)?.();
    this.#deadlines.delete(connection);
    const key = subscriber(connection.remote.address);
    const siblings = this.#bySubscriber.get(key);
    siblings?.delete(connection);
    if (siblings?.size === 0) this.#bySubscriber.delete(key);
  }

  /** Closes all. */
  close(): void {
    for (const connection of [...this.#deadlines.keys()]) this.#close(connection);
  }

  #evict(connection: TcpConnection | undefined): void {
    connection?.drop('evicted');
    if (connection !== undefined) this.remove(connection);
  }

  #close(connection: TcpConnection): void {
    connection.close();
    this.remove(connection);
  }
}
