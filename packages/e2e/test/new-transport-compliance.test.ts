import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Abortable, Signaler } from '@ouro/signaling';
import { type ComplianceFixture, type Side, signalingCompliance } from '@ouro/signaling/compliance';
import { describe } from 'vitest';
import { openSocket } from '../src/test-transport/client.ts';
import { TestListener } from '../src/test-transport/host.ts';
import { LineSignaler } from '../src/test-transport/line-signaler.ts';

const NOBODY = { kind: 'none' } as const;

/** The test transport on three sockets of one folder: a host, one that never says a word, one that says garbage. */
class TestFixture implements ComplianceFixture {
  readonly trickle = 'both';
  readonly vouched = { client: NOBODY, host: NOBODY };
  readonly announced = [];
  readonly listener: TestListener;
  readonly #folder: string;
  readonly #sockets: Record<Side, Set<Socket>>;
  readonly #servers: readonly Server[];
  #garbage: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  private constructor(folder: string, [host, silent, garbage]: readonly [Server, Server, Server]) {
    this.#folder = folder;
    this.#servers = [host, silent, garbage];
    this.#sockets = { client: new Set(), host: new Set() };
    for (const server of this.#servers)
      server.on('connection', (socket) => {
        socket.on('error', () => undefined);
        this.#sockets.host.add(socket);
      });
    garbage.on('connection', (socket) => socket.write(this.#garbage));
    this.listener = new TestListener(host);
  }

  static async create(): Promise<TestFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'ouro-test-'));
    const listen = async (name: string): Promise<Server> => {
      const server = createServer().listen(join(folder, name));
      await once(server, 'listening');
      return server;
    };
    return new TestFixture(folder, [await listen('host'), await listen('silent'), await listen('garbage')]);
  }

  async #open(name: string, options: Abortable): Promise<Socket> {
    const socket = await openSocket(join(this.#folder, name), options);
    socket.on('error', () => undefined);
    this.#sockets.client.add(socket);
    return socket;
  }

  async dial(options: Abortable): Promise<Signaler> {
    return new LineSignaler(await this.#open('host', options));
  }

  async dialSilent(options: Abortable): Promise<Signaler> {
    return new LineSignaler(await this.#open('silent', options));
  }

  async dialGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<Signaler> {
    this.#garbage = bytes;
    return new LineSignaler(await this.#open('garbage', options));
  }

  async sendGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<void> {
    const socket = await this.#open('host', options);
    socket.resume().write(bytes);
  }

  async vanish(side: Side): Promise<void> {
    for (const socket of this.#sockets[side]) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener[Symbol.asyncDispose]();
    await Promise.all([this.vanish('client'), this.vanish('host')]);
    for (const server of this.#servers) if (server.listening) server.close();
    await rm(this.#folder, { recursive: true });
  }
}

describe('signaling over the transport of the tests', () => {
  signalingCompliance({
    timeoutMs: 20_000,
    skip: [
      {
        reason: 'its lines have no place for servers',
        cases: ['a client knows the ICE servers that the host announces'],
      },
      {
        reason: 'nothing of it outlives the conversation that could bring an offer',
        cases: [
          'a restart of ICE gets its answer, and candidates follow it',
          'a restart that is refused leaves the session as it was',
          'a session that has ended cannot be restarted',
          'a client that closes with a reason ends the session',
        ],
      },
    ],
    setup: () => TestFixture.create(),
  });
});
