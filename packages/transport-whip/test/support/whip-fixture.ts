import { createServer, type Server, type ServerResponse } from 'node:http';
import { type Authorizer, UnauthorizedError } from '@ouro/fingerprint';
import type { Abortable, Signaler } from '@ouro/signaling';
import { AUTHORIZED_FINGERPRINT, type ComplianceFixture, type Side } from '@ouro/signaling/compliance';
import { errorFromReply } from '../../src/client/whip-error.ts';
import { dialWhip } from '../../src/index.ts';
import { WhipListener } from '../../src/server/index.ts';
import { TestServer } from './server.ts';

const gate: Authorizer = {
  async authorize({ fingerprint }) {
    if (fingerprint?.compact !== AUTHORIZED_FINGERPRINT) throw new UnauthorizedError(fingerprint);
    return {};
  },
};

/** WHIP over real HTTP on the loopback address, for the compliance suite. */
export class WhipFixture implements ComplianceFixture {
  readonly trickle = 'offerer';
  readonly vouched = { client: { kind: 'none' }, host: { kind: 'none' } } as const;
  readonly announced = [{ urls: ['turn:turn.example.org'], username: 'ada', credential: 'secret' }];
  readonly listener = new WhipListener();
  readonly #others: Server[] = [];
  readonly #clientDies = new AbortController();
  #started: TestServer | undefined;

  static async create(): Promise<WhipFixture> {
    const fixture = new WhipFixture();
    const { announced: iceServers, listener } = fixture;
    fixture.#started = await TestServer.start({
      authorizer: gate,
      onSession: listener.onSession,
      iceServers,
    });
    return fixture;
  }

  get #server(): TestServer {
    if (this.#started === undefined) throw new Error('It was not started');
    return this.#started;
  }

  dial(options: Abortable): Promise<Signaler> {
    return this.#dial(this.#server.offerUrl, options);
  }

  async dialSilent(options: Abortable): Promise<Signaler> {
    return this.#dial(await this.#serve(() => {}), options);
  }

  async dialGarbage(bytes: Uint8Array<ArrayBuffer>, options: Abortable): Promise<Signaler> {
    const headers = { 'content-type': 'application/sdp', location: '/candidates/x' };
    return this.#dial(await this.#serve((response) => response.writeHead(201, headers).end(bytes)), options);
  }

  async sendGarbage(bytes: Uint8Array<ArrayBuffer>, { signal }: Abortable): Promise<void> {
    const init = { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: bytes, signal };
    const response = await fetch(this.#server.offerUrl, init);
    const { status, headers, redirected } = response;
    const reply = { status, headers, redirected, url: new URL(response.url), text: await response.text() };
    if (!response.ok) throw errorFromReply(reply, 'the offer');
  }

  async vanish(side: Side): Promise<void> {
    if (side === 'host') this.#server.fastify.server.closeAllConnections();
    // The sockets of all requests go away without another byte, as those of a killed process do.
    else this.#clientDies.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#others) {
      server.closeAllConnections();
      server.close();
    }
    await this.listener[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  #dial(url: string, options: Abortable): Promise<Signaler> {
    const mortal: typeof fetch = (input, init) => {
      const signals = [this.#clientDies.signal, ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    };
    // A client that has died makes no more requests, but a new one may come.
    return dialWhip({ url, fetch: this.#clientDies.signal.aborted ? fetch : mortal }, options);
  }

  async #serve(reply: (response: ServerResponse) => void): Promise<string> {
    const server = createServer((_request, response) => reply(response));
    this.#others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}/offer`;
  }
}
