import { createServer, type Server, type ServerResponse } from 'node:http';
import { type Authorizer, UnauthorizedError } from '@ouro/fingerprint';
import { type Abortable, type Signaler, SignalingError, SignalQueue } from '@ouro/signaling';
import { AUTHORIZED_FINGERPRINT, type ComplianceFixture, type Side } from '@ouro/signaling/compliance';
import { errorFromReply } from '../../src/client/whip-error.ts';
import { dialWhip } from '../../src/index.ts';
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
  readonly #server: TestServer;
  readonly #hosts: SignalQueue<Signaler>;
  readonly #others: Server[] = [];
  readonly #clientDies = new AbortController();

  private constructor(server: TestServer, hosts: SignalQueue<Signaler>) {
    this.#server = server;
    this.#hosts = hosts;
  }

  static async create(): Promise<WhipFixture> {
    const hosts = new SignalQueue<Signaler>();
    const onSession = (signaler: Signaler) => hosts.push(signaler);
    return new WhipFixture(await TestServer.start({ authorizer: gate, onSession }), hosts);
  }

  dial(options: Abortable): Promise<Signaler> {
    return this.#dial(this.#server.offerUrl, options);
  }

  async accept({ signal }: Abortable): Promise<Signaler> {
    const hosts = this.#hosts[Symbol.asyncIterator]();
    const leave = () => void hosts.return?.();
    signal.addEventListener('abort', leave, { once: true });
    const { value } = await hosts.next();
    signal.removeEventListener('abort', leave);
    leave();
    if (value === undefined) throw SignalingError.from(signal.reason);
    return value;
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
    this.#hosts.end();
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
