import { createServer, type Server, type Socket } from 'node:net';
import { type ByteDuplex, duplexFromStreams } from '@ouro/base/node';
import { type Abortable, type Signaler, SignalingError, SignalQueue, unlessAborted } from '@ouro/signaling';
import type { ComplianceFixture, Side } from '@ouro/signaling/compliance';
import type { SshChannel } from '@ouro/ssh-client';
import { dialSshChannel, openSshChannel } from '@ouro/transport-ssh';
import { openHostPipe } from '@ouro/transport-ssh/host';

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

/** Starts the relay by a road: the stdio of a process, an SSH exec channel. */
export type StartRelay = (wish: Wish, options: Abortable) => Promise<SshChannel>;

/** What a relay knocks for: a host, one that never says a word, one that says garbage. One letter each. */
type Wish = 'h' | 's' | 'g';

/** The road from a client over a started relay to this test, which is the host. */
export class AcceptRoad implements ComplianceFixture {
  readonly trickle = 'both';
  readonly #server: Server;
  readonly #start: StartRelay;
  readonly #knocks = new SignalQueue<Socket>();
  #garbage: Uint8Array = new Uint8Array(0);
  readonly #sockets = new Set<Socket>();
  readonly #channels = new Set<SshChannel>();
  readonly #knocked: AsyncIterator<Socket, undefined>;

  private constructor(server: Server, start: StartRelay) {
    this.#server = server;
    this.#start = start;
    this.#knocked = this.#knocks[Symbol.asyncIterator]();
    server.on('connection', (socket) => this.#knock(socket));
  }

  /** @param path the unix socket that the relay connects to, as this test sees it */
  static async listen(path: string, prepare: () => Promise<void>, start: StartRelay): Promise<AcceptRoad> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await prepare();
    return new AcceptRoad(server, start);
  }

  #knock(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    socket.once('readable', () => {
      const wish = socket.read(1)?.toString('latin1');
      if (wish === 'h') this.#knocks.push(socket);
      if (wish === 'g') socket.write(Buffer.concat([Buffer.from('READY\n'), this.#garbage]));
      if (wish !== 'h') socket.resume();
    });
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

  async accept({ signal }: Abortable): Promise<Signaler> {
    const next = await unlessAborted(this.#knocked.next(), signal);
    if (next.done) throw new SignalingError('closed', 'Nobody knocks any more');
    const pipe = openHostPipe(hostEnd(next.value), { user: 'ada' });
    await pipe.sayReady({ signal });
    return pipe;
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
    this.#knocks.end();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

const REMOTE = { kind: 'login', user: 'ada' } as const;

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

/** What a cancelled exec threw is an SshError; a dial of the whole road says it in the words of signaling. */
const asSignaling =
  (signal: AbortSignal) =>
  (thrown: unknown): never => {
    throw SignalingError.from(signal.aborted ? signal.reason : thrown);
  };
