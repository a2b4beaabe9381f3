import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { retryAfter } from '../src/client/whip-error.ts';
import { dialWhip } from '../src/index.ts';
import { dial, offer, readAll, signal, whip } from './support/client.ts';
import { type Script, ScriptedServer } from './support/scripted-server.ts';
import { answerSdp, FINGERPRINT } from './support/sdp.ts';

async function errorOf(post: Script, target = {}): Promise<unknown> {
  await using server = await ScriptedServer.start(whip({ post }));
  await using signaler = await dial(server, target);
  await signaler.send(offer, { signal });
  return await readAll(signaler).catch((thrown: unknown) => thrown);
}

async function errorAt(url: string, fetcher?: typeof fetch): Promise<unknown> {
  await using signaler = await dialWhip({ url, ...(fetcher ? { fetch: fetcher } : {}) }, { signal });
  await signaler.send(offer, { signal });
  return await readAll(signaler).catch((thrown: unknown) => thrown);
}

const problem =
  (status: number, body: object, headers = {}): Script =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/problem+json', ...headers })
      .end(JSON.stringify(body));

describe('what a server refuses', () => {
  test("S12 401 is unauthorized, with the server's words and the own fingerprint", async () => {
    const error = await errorOf(
      problem(401, { detail: 'Not let in', code: 'unauthorized', fingerprint: FINGERPRINT }),
    );
    expect(error).toMatchObject({
      code: 'unauthorized',
      status: 401,
      fingerprint: FINGERPRINT,
      message: expect.stringContaining('Not let in'),
    });
  });

  test("a server's words cannot command a terminal, nor fill it", async () => {
    const error = await errorOf(problem(401, { detail: `\u001b[2J\u202e${'x'.repeat(5_000)}` }));
    expect(String(error)).toMatch(/^[\x20-\x7e]{1,700}$/);
  });

  test.each([
    [400, 'bad-message'],
    [403, 'unauthorized'],
    [404, 'not-found'],
    [408, 'timeout'],
    [413, 'oversize'],
    [415, 'unsupported-media-type'],
    [418, 'bad-message'],
    [422, 'unprocessable'],
    [429, 'too-many'],
    [500, 'internal'],
    [503, 'unavailable'],
    [504, 'timeout'],
    [599, 'internal'],
  ])('C4 %i is %s', async (status, code) => {
    expect(await errorOf((_request, response) => void response.writeHead(status).end())).toMatchObject({
      code,
      status,
    });
  });

  test('a problem of an Ouro server refines the status, and never lies about its class', async () => {
    expect(await errorOf(problem(400, { code: 'bad-sdp' }))).toMatchObject({ code: 'bad-sdp' });
    expect(await errorOf(problem(400, { code: 'timeout' }))).toMatchObject({ code: 'bad-message' });
    expect(await errorOf(problem(400, { code: 'nonsense', detail: 7 }))).toMatchObject({
      code: 'bad-message',
    });
  });

  test('S10 Retry-After is kept on the error', async () => {
    const error = await errorOf(problem(503, {}, { 'retry-after': '30' }));
    expect(error).toMatchObject({ code: 'unavailable', retryAfterMs: 30_000 });
    expect(retryAfter('Fri, 20 Nov 2026 12:00:10 GMT', Date.UTC(2026, 10, 20, 12))).toBe(10_000);
    expect(retryAfter('soon')).toBeUndefined();
    expect(retryAfter(null)).toBeUndefined();
  });

  test('a reply that is too large, or is no SDP, is refused', async () => {
    const created = { 'content-type': 'application/sdp' };
    expect(
      await errorOf((_request, response) => void response.writeHead(201, created).end('x'.repeat(70_000))),
    ).toMatchObject({ code: 'oversize' });
    expect(
      await errorOf((_request, response) => void response.writeHead(201, created).end('hello')),
    ).toMatchObject({ code: 'bad-sdp' });
    expect(await errorOf((_request, response) => void response.writeHead(200).end())).toMatchObject({
      code: 'bad-message',
    });
    expect(
      await errorOf(
        (_request, response) =>
          void response.writeHead(200, { 'content-type': 'text/html' }).end(answerSdp()),
      ),
    ).toMatchObject({ code: 'bad-message' });
  });
});

describe('what the network does', () => {
  test('nobody listens: refused', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    expect(await errorAt(`http://127.0.0.1:${port}`)).toMatchObject({ code: 'refused' });
  });

  test('a name that nobody knows: unknown-host', async () => {
    const fails =
      (code: string): typeof fetch =>
      () =>
        Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) }));
    expect(await errorAt('http://nowhere.invalid', fails('ENOTFOUND'))).toMatchObject({
      code: 'unknown-host',
      message: expect.stringContaining('nowhere.invalid'),
    });
    expect(await errorAt('http://nowhere.invalid', fails('EAI_AGAIN'))).toMatchObject({
      code: 'unknown-host',
    });
    expect(await errorAt('http://slow.invalid', fails('UND_ERR_CONNECT_TIMEOUT'))).toMatchObject({
      code: 'timeout',
    });
    expect(await errorAt('https://self.invalid', fails('DEPTH_ZERO_SELF_SIGNED_CERT'))).toMatchObject({
      code: 'fingerprint-mismatch',
    });
    expect(
      await errorAt('http://browser.invalid', () => Promise.reject(new TypeError('Failed to fetch'))),
    ).toMatchObject({ code: 'lost' });
  });

  test('the first of several addresses that were tried names the failure', async () => {
    const cause = new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]);
    expect(
      await errorAt('http://two.invalid', () => Promise.reject(new TypeError('fetch failed', { cause }))),
    ).toMatchObject({ code: 'refused' });
  });

  test('the server breaks off: lost', async () => {
    expect(await errorOf((_request, response) => void response.destroy())).toMatchObject({ code: 'lost' });
  });

  test('no answer in time: timeout', async () => {
    expect(await errorOf(() => {}, { answerTimeoutMs: 20 })).toMatchObject({ code: 'timeout' });
  });

  test('a dial that is cancelled: aborted', async () => {
    await using server = await ScriptedServer.start(() => {});
    const abort = new AbortController();
    const signaler = await dialWhip({ url: server.url }, { signal: abort.signal });
    await signaler.send(offer, { signal });
    await server.received(1);
    abort.abort();
    await expect(readAll(signaler)).rejects.toMatchObject({ code: 'aborted' });
    await signaler.close();
  });

  test('a redirect from https to http is refused', async () => {
    const downgraded = new Response(answerSdp(), {
      status: 201,
      headers: { 'content-type': 'application/sdp' },
    });
    Object.defineProperty(downgraded, 'url', { value: 'http://plain.invalid/offer' });
    expect(await errorAt('https://host.invalid', async () => downgraded)).toMatchObject({
      code: 'bad-message',
    });
  });
});
