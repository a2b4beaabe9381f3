import type { ErrorOutput } from '../report/error-output.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Connection } from '../session/connection.ts';
import type { Target } from '../target.ts';
import { LOOK_EVERY_MS } from './constants.ts';
import { allAddresses } from './local-addresses.ts';
import { PathMonitor, pathOfPeer } from './path-monitor.ts';
import { type PathStatus, pathStatus, RttSamples } from './path-status.ts';

export interface PathWatchOptions {
  readonly connection: Connection;
  readonly target: Target;
  readonly reporter: Reporter;
  readonly errorOutput: ErrorOutput;
  /** No notices. */
  readonly quiet: boolean;
}

/** Keeps the path of a connection, tells the user when it is gone and back, and knows how it is. */
export class PathWatch implements Disposable {
  readonly #options: PathWatchOptions;
  readonly #monitor: PathMonitor;
  readonly #sampling: NodeJS.Timeout;
  readonly #samples = new RttSamples();
  readonly #since = performance.now();
  #saidSeconds = -1;

  constructor(options: PathWatchOptions) {
    this.#options = options;
    const { connection, reporter } = options;
    this.#monitor = new PathMonitor({
      path: pathOfPeer(connection.peer, connection.restart),
      addresses: allAddresses,
      onGone: (ms) => this.#gone(ms),
      onFound: (ms) => this.#found(ms),
      onMoved: (pair) => {
        if (this.#saidSeconds < 0) reporter.path({ state: 'moved', ms: 0, pair });
      },
      onLost: (error) => connection.giveUp(error),
    });
    this.#sampling = setInterval(() => this.#sample(), LOOK_EVERY_MS);
    this.#sampling.unref();
  }

  /** How the connection stands now. */
  status(): PathStatus {
    this.#sample();
    const { connection, target } = this.#options;
    return pathStatus(target, connection.peer.quality(), this.#samples, performance.now() - this.#since);
  }

  [Symbol.dispose](): void {
    this.#monitor[Symbol.dispose]();
    clearInterval(this.#sampling);
    this.#options.errorOutput.clearNotice();
  }

  #sample(): void {
    this.#samples.add(this.#options.connection.peer.quality().pair?.rttMs);
  }

  #gone(ms: number): void {
    const seconds = Math.floor(ms / 1000);
    if (seconds === this.#saidSeconds) return;
    const isFirst = this.#saidSeconds < 0;
    this.#saidSeconds = seconds;
    const { connection, target, errorOutput, quiet, reporter } = this.#options;
    if (isFirst) reporter.path({ state: 'lost', ms });
    if (quiet) return;
    const hope = connection.restart === undefined ? 'waiting for it' : 'looking for another';
    const text = `ouro: path to ${target.name} lost ${seconds} s ago, ${hope} … (~. leaves)`;
    if (!errorOutput.showNotice(text) && isFirst && process.stderr.isTTY)
      reporter.notice(`the path to ${target.name} is lost, ${hope} …`);
  }

  #found(ms: number): void {
    const { connection, target, errorOutput, reporter } = this.#options;
    this.#saidSeconds = -1;
    if (!errorOutput.clearNotice() && process.stderr.isTTY)
      reporter.notice(`the path to ${target.name} is back`);
    reporter.path({ state: 'found', ms, pair: connection.peer.selectedPair() });
  }
}
