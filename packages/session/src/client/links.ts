import type { CommandArgs } from '../commands.ts';
import type { SessionError } from '../errors.ts';
import type { PaneLink } from './pane-link.ts';

interface EarlyExit {
  readonly args: CommandArgs<'exit'>;
  resolve(done: Promise<void> | undefined): void;
}

/** All panes of a session, also those whose id is not known yet. */
export class Links {
  readonly #links = new Set<PaneLink>();
  readonly #early = new Map<number, EarlyExit>();

  /** The far end closes the session in order: what ends of now on ends for this reason. */
  farewell(reason: SessionError): void {
    for (const link of this.#links) link.farewell = reason;
  }

  add(link: PaneLink): void {
    this.#links.add(link);
  }

  delete(link: PaneLink): void {
    this.#links.delete(link);
    if (this.#unknown()) return;
    // What ended early was of no pane of ours.
    for (const exit of this.#early.values()) exit.resolve(undefined);
    this.#early.clear();
  }

  /** A link learned its id. */
  identified(link: PaneLink): void {
    const id = link.paneId ?? 0;
    const early = this.#early.get(id);
    this.#early.delete(id);
    early?.resolve(link.onExit(early.args));
  }

  /** A process ended. @returns when this client has all its output */
  async exited(args: CommandArgs<'exit'>): Promise<void> {
    const id = Number(args.pane_id);
    const known = [...this.#links].filter((link) => link.paneId === id && !link.over);
    if (known.length > 0) {
      await Promise.all(known.map((link) => link.onExit(args)));
    } else if (this.#unknown()) {
      // It may be one of those whose channel or ack has not come yet.
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#early.set(id, { args, resolve: (done) => resolve(done) });
      await promise;
    }
  }

  /** Ends all; `quiet`: their streams just end. */
  end(error: SessionError, options: { quiet?: boolean } = {}): void {
    for (const link of [...this.#links]) {
      link.end(error, options);
      link.close();
    }
    this.#links.clear();
    for (const exit of this.#early.values()) exit.resolve(undefined);
    this.#early.clear();
  }

  #unknown(): boolean {
    return [...this.#links].some((link) => link.paneId === undefined);
  }
}
