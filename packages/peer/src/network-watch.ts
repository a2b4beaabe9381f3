import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface NetworkWatchOptions {
  /** This machine's addresses are not what they were. */
  readonly onChange: () => void;
  /** Milliseconds between two looks; default 1000. */
  readonly intervalMs?: number;
  readonly readInterfaces?: () => NodeJS.Dict<readonly NetworkInterfaceInfo[]>;
}

/** Looks at this machine's addresses again and again, and says when they have changed. It keeps no process alive. */
export class NetworkWatch implements Disposable {
  readonly #options: NetworkWatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #before: string;

  constructor(options: NetworkWatchOptions) {
    this.#options = options;
    this.#before = this.#read();
    this.#timer = setInterval(() => this.#look(), options.intervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = this.#read();
    if (now === this.#before) return;
    this.#before = now;
    this.#options.onChange();
  }

  #read(): string {
    const { readInterfaces = networkInterfaces } = this.#options;
    const all = Object.entries(readInterfaces()).flatMap(([name, infos]) =>
      (infos ?? []).map(({ address, scopeid = 0 }) => `${name} ${address} ${scopeid}`),
    );
    return all.sort().join('\n');
  }
}

/** A look costs some 50 microseconds; a person who changes networks waits a second longer at most. */
const LOOK_INTERVAL_MS = 1000;
