import type { Host } from './host.ts';
import { until } from './until.ts';

/** A terminal in tmux on a host, as a person sees and types it. */
export class Tmux implements AsyncDisposable {
  readonly #host: Host;
  readonly #user: string;
  readonly #name: string;

  private constructor(host: Host, user: string, name: string) {
    this.#host = host;
    this.#user = user;
    this.#name = name;
  }

  /** Starts a command (a shell unless told) in a new terminal. */
  static async start(
    host: Host,
    options: {
      user: string;
      command?: string;
      rows?: number;
      cols?: number;
      env?: Readonly<Record<string, string>>;
    },
  ): Promise<Tmux> {
    const tmux = new Tmux(host, options.user, 'lab');
    const { rows = 24, cols = 80, command = 'bash --norc', env = {} } = options;
    const size = ['-x', String(cols), '-y', String(rows)];
    await tmux.#tmux(['new-session', '-d', '-s', 'lab', ...size, command], env);
    return tmux;
  }

  async #tmux(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#host.must(['tmux', '-L', this.#name, '-f', '/dev/null', ...args], {
      user: this.#user,
      env: { TERM: 'xterm-256color', ...env },
    });
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux(['send-keys', '-t', 'lab', '-l', text]);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `Up`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', '-t', 'lab', ...keys]);
  }

  /** What the screen shows. */
  screen(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-t', 'lab']);
  }

  /** Waits until the screen shows this. @throws with the screen after the time-out */
  async shows(pattern: RegExp, timeoutMs?: number): Promise<string> {
    let last = '';
    return until(
      async () => {
        last = await this.screen();
        return pattern.test(last) ? last : undefined;
      },
      {
        what: () => `${pattern} on:\n${last}`,
        pollMs: 50,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      },
    );
  }

  async resize(rows: number, cols: number): Promise<void> {
    await this.#tmux(['resize-window', '-t', 'lab', '-x', String(cols), '-y', String(rows)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.exec(['tmux', '-L', this.#name, 'kill-server'], { user: this.#user });
  }
}
