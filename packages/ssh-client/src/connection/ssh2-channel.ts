import type { ClientChannel } from 'ssh2';
import { SshError } from '../errors.ts';
import type { ExitStatus, SshChannel, SshSignal, TerminalSize } from './connection.ts';

const lost = (): SshError => new SshError('lost', 'The SSH connection broke; try again');
const closed = (): SshError => new SshError('closed', 'This SSH channel is closed');

/** An ssh2 channel as SshChannel. */
export class Ssh2Channel implements SshChannel {
  readonly #channel: ClientChannel;
  readonly #gone = Promise.withResolvers<void>();
  #isGone = false;
  #status: ExitStatus | undefined;
  readonly exited: Promise<ExitStatus>;

  /** @param isLost whether the connection under this channel is gone */
  constructor(channel: ClientChannel, isLost: () => boolean) {
    this.#channel = channel;
    channel.on('error', () => {});
    channel.on('exit', (code: number | null, signal?: string) => {
      this.#status = { code, signal: signal?.replace(/^SIG/, '') ?? null };
    });
    channel.once('close', () => {
      this.#isGone = true;
      this.#gone.resolve();
    });
    this.exited = this.#gone.promise.then(() => {
      if (this.#status) return this.#status;
      if (isLost()) throw lost();
      return { code: null, signal: null };
    });
    this.exited.catch(() => {});
  }

  get readable(): AsyncIterable<Uint8Array> {
    return this.#bytes();
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    // Leaving early must not close the channel: stdin and the exit status may still be of use.
    yield* chunks(this.#channel.iterator({ destroyOnReturn: false }));
    // The end of the stream is no end in order when the connection broke under it.
    if (this.#isGone) await this.exited;
  }

  get stderr(): AsyncIterable<Uint8Array> {
    return chunks(this.#channel.stderr.iterator({ destroyOnReturn: false }));
  }

  discardStderr(): void {
    this.#channel.stderr.resume();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isGone || !this.#channel.writable) throw closed();
    const written = new Promise<void>((resolve, reject) => {
      this.#channel.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    // ssh2 forgets the callback of a write whose channel closes meanwhile.
    await Promise.race([written, this.#gone.promise.then(() => Promise.reject(closed()))]);
  }

  async eof(): Promise<void> {
    if (this.#isGone || !this.#channel.writable) return;
    await Promise.race([
      new Promise<void>((resolve) => this.#channel.end(() => resolve())),
      this.#gone.promise,
    ]);
  }

  async end(): Promise<void> {
    await this.eof();
    this.#channel.close();
    // What nobody reads must not hold the 'close' event back.
    this.#channel.stderr.resume();
  }

  resize({ rows, cols }: TerminalSize): void {
    if (!this.#isGone) this.#channel.setWindow(rows, cols, 0, 0);
  }

  kill(signal: SshSignal): void {
    if (!this.#isGone) this.#channel.signal(signal);
  }
}

async function* chunks(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) if (chunk instanceof Uint8Array) yield chunk;
}
