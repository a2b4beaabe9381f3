import { unlessAborted } from '@ouro/signaling';
import type { Client, ClientChannel, ExecOptions, PseudoTtyOptions } from 'ssh2';
import { abortReason, SshError } from '../errors.ts';
import type { ChannelOptions, PtyRequest, SshChannel, SshConnection } from './connection.ts';
import { Ssh2Channel } from './ssh2-channel.ts';

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

const ptyOf = (pty: PtyRequest): PseudoTtyOptions => ({
  rows: pty.rows,
  cols: pty.cols,
  width: 0,
  height: 0,
  term: pty.term ?? 'xterm-256color',
});

const optionsOf = ({ pty, env }: ChannelOptions): ExecOptions => ({
  ...(pty ? { pty: ptyOf(pty) } : {}),
  ...(env && Object.keys(env).length > 0 ? { env: { ...env } } : {}),
});

/** An ssh2 client that is logged in. */
export class Ssh2Connection implements SshConnection {
  readonly user: string;
  readonly host: string;
  readonly hostKey: string | undefined;
  readonly closed: Promise<Error | undefined>;
  readonly #client: Client;
  readonly #under: readonly AsyncDisposable[];
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** @param under what carries this connection (the hops of a ProxyJump), closed after it */
  constructor(
    client: Client,
    about: { user: string; host: string; hostKey: string | undefined; under: readonly AsyncDisposable[] },
  ) {
    this.#client = client;
    this.#under = about.under;
    this.user = about.user;
    this.host = about.host;
    this.hostKey = about.hostKey;
    this.closed = new Promise((resolve) => {
      let broken: Error | undefined;
      client.on('error', (error) => {
        broken = error;
      });
      client.once('close', () => {
        this.#isClosed = true;
        resolve(this.#closing ? undefined : broken);
      });
    });
  }

  exec(command: string, options: ChannelOptions): Promise<SshChannel> {
    return this.#open(options, (opened) => this.#client.exec(command, optionsOf(options), opened));
  }

  shell(options: ChannelOptions): Promise<SshChannel> {
    const { env } = optionsOf(options);
    const pty = options.pty ? ptyOf(options.pty) : false;
    return this.#open(options, (opened) => this.#client.shell(pty, env ? { env } : {}, opened));
  }

  /** A TCP connection made by the host, as ProxyJump needs it. @throws SshError `lost`, `refused`, `aborted` */
  forward(host: string, port: number, { signal }: ChannelOptions): Promise<ClientChannel> {
    const start = (opened: Opened) => this.#client.forwardOut('127.0.0.1', 0, host, port, opened);
    return this.#raw(signal, start, (channel) => channel);
  }

  #open({ signal }: ChannelOptions, start: (opened: Opened) => void): Promise<SshChannel> {
    return this.#raw(signal, start, (channel) => new Ssh2Channel(channel, () => this.#isClosed));
  }

  /** @param wrap is called at once: a short command's exit status may stand in the same packet as the confirmation */
  async #raw<Channel>(
    signal: AbortSignal,
    start: (opened: Opened) => void,
    wrap: (channel: ClientChannel) => Channel,
  ): Promise<Channel> {
    if (this.#isClosed) throw new SshError('lost', 'The SSH connection is closed; connect again');
    let late = false;
    const opening = new Promise<Channel>((resolve, reject) => {
      start((error, channel) => {
        if (error) return reject(this.#refused(error));
        if (late) channel.close();
        resolve(wrap(channel));
      });
    });
    try {
      return await unlessAborted(opening, signal);
    } catch (thrown) {
      // It may still be opened after the caller has left.
      late = true;
      throw thrown instanceof SshError ? thrown : abortReason(thrown);
    }
  }

  #refused(cause: Error): SshError {
    if (this.#isClosed) return new SshError('lost', 'The SSH connection broke; try again', { cause });
    return new SshError('refused', `${this.host} does not open this channel: ${cause.message}`, { cause });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.#isClosed) {
      this.#client.end();
      // A host that does not answer must not hold the program: what was sent is sent.
      const timer = setTimeout(() => this.#client.destroy(), 500);
      await this.closed;
      clearTimeout(timer);
    }
    for (const carrier of this.#under) await carrier[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
