import { SignalingError } from '@ouro/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GIVE_UP_MS, GONE_AFTER_MS, REFUSED_AFTER_MS, RETRY_MAX_MS } from '../src/path/constants.ts';
import { type MonitoredPath, PathMonitor } from '../src/path/path-monitor.ts';

const HOME = '192.0.2.1';
const AWAY = '192.0.2.9';

/** A path that a test cuts, and a machine that it moves. */
class Scene implements Disposable {
  addresses = [HOME];
  state: MonitoredPath['state'] = 'up';
  cut = false;
  pings = 0;
  readonly restarts: { resolve: () => void; reject: (error: unknown) => void; signal: AbortSignal }[] = [];
  readonly gone: number[] = [];
  readonly found: number[] = [];
  readonly lost: SignalingError[] = [];
  moves = 0;
  #heardAt = performance.now();
  readonly #monitor: PathMonitor;

  constructor({ canRestart = true } = {}) {
    const scene = this;
    const end = (address: string) => ({ type: 'host', protocol: 'udp', address, port: 1 }) as const;
    const path: MonitoredPath = {
      get state() {
        return scene.state;
      },
      get silentMs() {
        return performance.now() - scene.#heardAt;
      },
      pair: { local: end(HOME), remote: end('192.0.2.2'), rttMs: 1 },
      ping() {
        scene.pings += 1;
        if (!scene.cut) scene.hear();
      },
      restart: canRestart
        ? ({ signal }) =>
            new Promise((resolve, reject) => {
              scene.restarts.push({ resolve, reject, signal });
              signal.addEventListener('abort', () => reject(signal.reason));
            })
        : undefined,
    };
    this.#monitor = new PathMonitor({
      path,
      addresses: () => this.addresses,
      onGone: (ms) => this.gone.push(ms),
      onFound: (ms) => this.found.push(ms),
      onMoved: () => {
        this.moves += 1;
      },
      onLost: (error) => this.lost.push(error),
    });
  }

  hear(): void {
    this.#heardAt = performance.now();
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  /** The last restart finds a path. */
  async finds(): Promise<void> {
    this.cut = false;
    this.state = 'up';
    this.hear();
    this.restarts.at(-1)?.resolve();
    await this.pass(0);
  }

  async fails(code: 'refused' | 'timeout'): Promise<void> {
    this.restarts.at(-1)?.reject(new SignalingError(code, 'It failed'));
    await this.pass(0);
  }

  [Symbol.dispose](): void {
    this.#monitor[Symbol.dispose]();
  }
}

describe('a kept path', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('that answers is asked now and then, and left alone', async () => {
    using scene = new Scene();
    await scene.pass(60_000);
    expect(scene.pings).toBeGreaterThan(20);
    expect(scene).toMatchObject({ gone: [], restarts: [], lost: [] });
  });

  it('that is silent is replaced, and the user told for how long it was gone', async () => {
    using scene = new Scene();
    scene.cut = true;
    await scene.pass(GONE_AFTER_MS + 200);
    expect(scene.gone.at(-1)).toBeGreaterThanOrEqual(GONE_AFTER_MS);
    expect(scene.restarts).toHaveLength(1);
    await scene.finds();
    expect(scene.found).toHaveLength(1);
    await scene.pass(10_000);
    expect(scene.restarts).toHaveLength(1);
  });

  it('whose address went away is replaced at once', async () => {
    using scene = new Scene();
    scene.cut = true;
    scene.addresses = [AWAY];
    await scene.pass(100);
    expect(scene.restarts).toHaveLength(1);
    await scene.finds();
    expect(scene).toMatchObject({ moves: 1, gone: [] });
  });

  it('is left alone when an address comes that it does not need, if it answers', async () => {
    using scene = new Scene();
    scene.addresses = [AWAY, HOME];
    await scene.pass(5000);
    expect(scene.restarts).toEqual([]);
  });

  it('drops an attempt that was made from an address that went away', async () => {
    using scene = new Scene();
    scene.cut = true;
    scene.addresses = ['198.51.100.1'];
    await scene.pass(100);
    scene.addresses = [AWAY];
    await scene.pass(100);
    expect(scene.restarts.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('is looked for again and again, with longer and longer pauses, until the cap', async () => {
    using scene = new Scene();
    scene.cut = true;
    scene.state = 'broken';
    const at: number[] = [];
    while (scene.lost.length === 0) {
      const before = scene.restarts.length;
      await scene.pass(100);
      if (scene.restarts.length === before) continue;
      at.push(performance.now());
      await scene.fails('timeout');
    }
    const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    expect(pauses[0]).toBeLessThan(1000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(RETRY_MAX_MS + 200);
    expect(scene.gone.at(-1)).toBeLessThanOrEqual(GIVE_UP_MS);
    expect(scene.lost).toMatchObject([{ code: 'lost' }]);
  });

  it('is given up soon when the endpoint refuses', async () => {
    using scene = new Scene();
    scene.cut = true;
    await scene.pass(GONE_AFTER_MS + 200);
    await scene.fails('refused');
    await scene.pass(REFUSED_AFTER_MS);
    expect(scene.lost).toMatchObject([{ code: 'lost', cause: { code: 'refused' } }]);
    expect(scene.restarts).toHaveLength(1);
  });

  it('of a transport that cannot restart is watched, and over when ICE has failed', async () => {
    using scene = new Scene({ canRestart: false });
    scene.cut = true;
    await scene.pass(9000);
    expect(scene.lost).toEqual([]);
    scene.state = 'broken';
    await scene.pass(100);
    expect(scene.lost).toMatchObject([{ code: 'lost' }]);
  });

  it('leaves no timer', async () => {
    const scene = new Scene();
    scene.cut = true;
    await scene.pass(5000);
    scene[Symbol.dispose]();
    expect(scene.restarts.at(-1)?.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
