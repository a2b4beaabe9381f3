import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { Fingerprint, Identity } from '@ouro/fingerprint';
import { describe, expect, test } from 'vitest';
import { dialWhip } from '../src/index.ts';
import { tlsFetch } from '../src/node/index.ts';
import { offer, readAll, signal } from './support/client.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { answerSdp, offerSdp } from './support/sdp.ts';

const identity = await Identity.generate();

class TlsServer implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly #server: Server;

  constructor(reply: () => { status: number; headers: Record<string, string>; body?: string }) {
    const options = { cert: identity.certificatePem, key: identity.privateKeyPem };
    this.#server = createServer(options, (request, response) => {
      this.requests.push(`${request.method} ${request.headers.authorization ?? '-'}`);
      request.resume().on('end', () => {
        const { status, headers, body } = reply();
        response.writeHead(status, headers).end(body);
      });
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `https://127.0.0.1:${address.port}/offer`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const created = () => ({
  status: 201,
  headers: { 'content-type': 'application/sdp', location: '/s/1' },
  body: answerSdp(),
});

async function outcome(url: string, fetcher: typeof fetch): Promise<unknown> {
  await using client = await dialWhip({ url, fetch: fetcher, token: 'tok' }, { signal });
  await client.send(offer, { signal });
  return await readAll(client).catch((thrown: unknown) => thrown);
}

describe('https', () => {
  test('a session URL of the same host stays https, though the server knows of no TLS', async () => {
    let location = '';
    await using server = new TlsServer(() => ({ ...created(), headers: { ...created().headers, location } }));
    const url = await server.listen();
    const sessionUrlFor = async (text: string): Promise<string | undefined> => {
      location = text;
      const client = await dialWhip({ url, fetch: tlsFetch({ pin: identity.fingerprint }) }, { signal });
      await client.send(offer, { signal });
      await readAll(client);
      return client.sessionUrl;
    };
    const { host } = new URL(url);
    expect(await sessionUrlFor(`http://${host}/s/1`)).toBe(`https://${host}/s/1`);
    expect(await sessionUrlFor('http://other.example/s/1')).toBe('http://other.example/s/1');
  });

  test('a pinned certificate is enough, without any authority', async () => {
    await using server = new TlsServer(created);
    const url = await server.listen();
    expect(await outcome(url, tlsFetch({ pin: identity.fingerprint }))).toEqual([
      { type: 'answer', sdp: answerSdp() },
    ]);
  });

  test('another certificate is refused before anything of the request is sent', async () => {
    await using server = new TlsServer(created);
    const pin = Fingerprint.parse('0'.repeat(64));
    expect(await outcome(await server.listen(), tlsFetch({ pin }))).toMatchObject({
      code: 'fingerprint-mismatch',
    });
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['the global fetch', fetch],
    ['the one that trusts the system', tlsFetch()],
  ])('a certificate that nobody vouches for is refused by %s', async (_name, fetcher) => {
    await using server = new TlsServer(created);
    expect(await outcome(await server.listen(), fetcher)).toMatchObject({ code: 'fingerprint-mismatch' });
    expect(server.requests).toEqual([]);
  });

  test('C5 redirects are followed within the pin; the token stays at home', async () => {
    await using edge = await ScriptedServer.start((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/sdp' }).end(answerSdp());
    });
    const location = `${edge.url}/offer`;
    await using server = new TlsServer(() => ({ status: 307, headers: { location } }));
    const fetcher = tlsFetch({ pin: identity.fingerprint });
    const response = await fetcher(await server.listen(), {
      method: 'POST',
      body: offerSdp(),
      headers: { authorization: 'Bearer tok' },
    });
    expect(response).toMatchObject({ status: 201, redirected: true, url: location });
    expect(edge.requests).toMatchObject([{ method: 'POST', body: offerSdp() }]);
    expect(edge.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('a redirect without end, and a request that is cancelled', async () => {
    await using server = new TlsServer(() => ({ status: 308, headers: { location: '/again' } }));
    const fetcher = tlsFetch({ pin: identity.fingerprint });
    const url = await server.listen();
    await expect(fetcher(url, { method: 'POST' })).rejects.toMatchObject({ code: 'bad-message' });
    await expect(fetcher(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
