import { createServer, type Server, type Socket } from 'node:net';
import { type ByteDuplex, duplexFromStreams } from '@ouro/base/node';
import { type Abortable, type Signaler, SignalingError } from '@ouro/signaling';
import type { ComplianceFixture, Side } from '@ouro/signaling/compliance';
import type { SshChannel } from '@ouro/ssh-client';
import { dialSshChannel, openSshChannel } from '@ouro/transport-ssh';
import type { AcceptListener } from '@ouro/transport-ssh/host';

/**
 * What stands for `accept` on the host: a pipe between its stdio and this test, which says READY itself; a line with
 * `exit` ends it with that status. Its second argument is what it knocks for.
 */
export const RELAY = `
const socket = require('node:net').connect(process.argv[1]);
socket.write(process.argv[2]);
let held = '';
socket.on('data', (chunk) => {
  const exit = /\\{"exit":(\\d+)\\}\\n$/.exec(held = (held + chunk.toString('latin1')).slice(-64));
  if (!exit) return process.stdout.write(chunk);
  process.exit(Number(exit[1]));
});
socket.on('end', () => process.exit(0));
socket.on('error', () => process.exit(69));
process.stdin.on('data', (chunk) => socket.write(chunk));
process.stdin.on('end', () => socket.end());
`;

/** Starts the relay by a transport of bytes: the stdio of a process, an SSH exec channel. */
export type StartRelay = (wish: Wish, options: Abortable) => Promise<SshChannel>;

/** What a relay knocks for: a host, one that never says a word, one that says garbage. One letter each. */
type Wish = 'h' | 's' | 'g';

const REMOTE = { kind: 'login', user: 'ada' } as const;

/** The way from a client over a started relay to this test, which is the host. */
export class AcceptTransport implements ComplianceFixture {
  readonly trickle = 'both';
  readonly #server: Server;
  readonly #start: StartRelay;
  readonly listener: AcceptListener;
  readonly vouched = { client: REMOTE, host: REMOTE };
  /** What `accept` says has no place for servers. */
  readonly announced = [];
  #garbage: Uint8Array = new Uint8Array(0);
  readonly #sockets = new Set<Socket>();
  readonly #channels = new Set<SshChannel>();

  private constructor(server: Server, listener: AcceptListener, start: StartRelay) {
    this.listener = listener;
    this.#server = server;
    this.#start = start;
    server.on('connection', (socket) => this.#knock(socket));
  }

  /**
   * @param path the unix socket that the relay connects to, as this test sees it
   * @param listener takes each connection of a relay
   */
  static async listen(
    path: string,
    listener: AcceptListener,
    prepare: () => Promise<void>,
    start: StartRelay,
  ): Promise<AcceptTransport> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await prepare();
    return new AcceptTransport(server, listener, start);
  }

  #knock(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    socket.once('readable', () => {
      const wish = socket.read(1)?.toString('latin1');
      if (wish === 'h') this.#accept(socket);
      if (wish === 'g') socket.write(Buffer.concat([Buffer.from('READY\n'), this.#garbage]));
      if (wish !== 'h') socket.resume();
    });
  }

  /** As `ouro-agent accept` does: READY first, then the signals, both ways. */
  #accept(socket: Socket): void {
    socket.write('READY\n');
    this.listener.take(hostEnd(socket), { user: REMOTE.user }).catch(() => {});
  }

  async #open(wish: Wish, options: Abortable): Promise<SshChannel> {
    options.signal.throwIfAborted();
    const channel = await this.#start(wish, options);
    this.#channels.add(channel);
    return channel;
  }

  async dial({ signal }: Abortable): Promise<Signaler> {
    const channel = await this.#open('h', { signal }).catch(asSignaling(signal));
    return dialSshChannel(channel, { remote: REMOTE, signal, readyTimeoutMs: 10_000 });
  }

  async dialSilent({ signal }: Abortable): Promise<Signaler> {
    const channel = await this.#open('s', { signal }).catch(asSignaling(signal));
    return openSshChannel(channel, { remote: REMOTE, signal, readyTimeoutMs: 60_000 });
  }

  async dialGarbage(garbage: Uint8Array, { signal }: Abortable): Promise<Signaler> {
    this.#garbage = garbage;
    const channel = await this.#open('g', { signal });
    return dialSshChannel(channel, { remote: REMOTE, signal, readyTimeoutMs: 10_000 });
  }

  async sendGarbage(bytes: Uint8Array, { signal }: Abortable): Promise<void> {
    const channel = await this.#open('h', { signal });
    channel.discardStderr();
    for await (const chunk of channel.readable) if (Buffer.from(chunk).includes('READY')) break;
    await channel.write(bytes);
  }

  async vanish(side: Side): Promise<void> {
    if (side === 'host') for (const socket of this.#sockets) socket.destroy();
    else for (const channel of this.#channels) await channel.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) await channel.end();
    for (const socket of this.#sockets) socket.destroy();
    await this.listener[Symbol.asyncDispose]();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** The relay's socket as the agent sees it: the reason of an end becomes the exit status of `accept`. */
const hostEnd = (socket: Socket): ByteDuplex => {
  const duplex = duplexFromStreams(socket, socket);
  return {
    ...duplex,
    end: async (reason) => {
      const exit = reason instanceof SignalingError ? reason.edge.exit : undefined;
      if (exit !== undefined && socket.writable) socket.write(`{"exit":${exit}}\n`);
      await duplex.end();
      socket.destroy();
    },
  };
};

/** What a cancelled exec threw is an SshError; a dial of the transport says it in the words of signaling. */
const asSignaling =
  (signal: AbortSignal) =>
  (thrown: unknown): never => {
    throw SignalingError.from(signal.aborted ? signal.reason : thrown);
  };
