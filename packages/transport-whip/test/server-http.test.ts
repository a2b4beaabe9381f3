import { describe, expect, test } from 'vitest';
import { MAX_CONNECT_BODY_BYTES } from '../src/server/index.ts';
import { offerSdp, PASSWORD } from './support/sdp.ts';
import { TestServer } from './support/server.ts';
import { open } from './support/session.ts';

const ENDPOINT_METHODS = 'GET, POST, HEAD, OPTIONS';
const SESSION_METHODS = 'GET, PATCH, DELETE, HEAD, OPTIONS';

describe('methods', () => {
  test.each(['GET', 'HEAD'])(
    'S4 %s gives 204 without content, on the endpoint and on a session',
    async (method) => {
      await using server = await TestServer.start();
      const { url } = await open(server);
      for (const each of [server.offerUrl, url]) {
        const response = await fetch(each, { method });
        expect(response.status).toBe(204);
        expect(await response.text()).toBe('');
      }
      expect((await fetch(`${url}x`, { method })).status).toBe(404);
    },
  );

  test('S4 S29 other methods give 405 with Allow, and the body is a problem', async () => {
    await using server = await TestServer.start();
    const { url } = await open(server);
    for (const [each, method, allow] of [
      [server.offerUrl, 'PUT', ENDPOINT_METHODS],
      [server.offerUrl, 'PATCH', ENDPOINT_METHODS],
      [server.offerUrl, 'DELETE', ENDPOINT_METHODS],
      [url, 'POST', SESSION_METHODS],
      [url, 'PUT', SESSION_METHODS],
    ] as const) {
      const response = await fetch(each, { method, body: 'x' });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
      expect(await response.json()).toMatchObject({ status: 405, title: 'Method Not Allowed' });
    }
  });

  test('errors are problem+json and nothing is cached', async () => {
    await using server = await TestServer.start();
    const response = await server.post('hello');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'bad-sdp',
      detail: expect.any(String),
    });
  });

  test('the routes beside the plugin keep their own parsers and errors', async () => {
    await using server = await TestServer.start();
    const response = await fetch(`${server.url}/elsewhere`);
    expect(response.status).toBe(404);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('no session URL, token or SDP reaches the log', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  await using server = await TestServer.start({}, { logger: { level: 'info', stream } });
  const token = 'secretsecretsecretsecret';
  const { url, accepted } = await open(server, offerSdp(), { authorization: `Bearer ${token}` });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
  for (const method of ['GET', 'PATCH', 'PUT', 'OPTIONS', 'DELETE'])
    await (await fetch(url, { method, headers })).text();
  const log = lines.join('');
  expect(log).toContain('"url":"/offer"');
  for (const secret of [accepted.context.session.id, token, PASSWORD]) expect(log).not.toContain(secret);
});

describe('browsers', () => {
  test('S5 S6 OPTIONS gives 200 with Accept-Post or Accept-Patch, and asks for no authorization', async () => {
    await using server = await TestServer.start();
    const endpoint = await fetch(server.offerUrl, { method: 'OPTIONS' });
    expect(endpoint.status).toBe(200);
    expect(endpoint.headers.get('accept-post')).toBe('application/sdp');
    expect(endpoint.headers.get('link')).toBeNull();
    const { url } = await open(server);
    const session = await fetch(url, { method: 'OPTIONS' });
    expect(session.status).toBe(200);
    expect(session.headers.get('accept-patch')).toBe('application/trickle-ice-sdpfrag');
  });

  test('S5 a preflight is told all that a page needs, and to reach this machine from the public web', async () => {
    await using server = await TestServer.start();
    const headers = {
      origin: 'https://page.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,if-match',
      'access-control-request-private-network': 'true',
    };
    const response = await fetch(server.offerUrl, { method: 'OPTIONS', headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toBe(ENDPOINT_METHODS);
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, if-match',
    );
    expect(response.headers.get('access-control-allow-private-network')).toBe('true');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('S5 every reply, also an error, exposes what a page must read', async () => {
    await using server = await TestServer.start();
    for (const response of [
      await server.post(offerSdp()),
      await server.post('x'),
      await fetch(`${server.url}/candidates/x`),
    ]) {
      const exposed = response.headers.get('access-control-expose-headers')?.split(', ');
      expect(exposed).toEqual(expect.arrayContaining(['location', 'etag', 'link', 'retry-after']));
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  test('S5 with a list of origins only those may read', async () => {
    await using server = await TestServer.start({ origins: ['https://page.example'] });
    const ask = (origin: string) => fetch(server.offerUrl, { method: 'OPTIONS', headers: { origin } });
    const known = await ask('https://page.example');
    expect(known.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(known.headers.get('vary')).toBe('Origin');
    expect((await ask('https://other.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the oldest form', () => {
  const body = (sdp: string) =>
    JSON.stringify({
      api_version: 1,
      fingerprint: 'ignored',
      offer: Buffer.from(JSON.stringify({ type: 'offer', sdp })).toString('base64'),
    });
  const post = (server: TestServer, text: string) =>
    fetch(`${server.url}/connect`, { method: 'POST', body: text });

  test('POST /connect: a whole offer in, a whole answer out, no session URL, no trickle', async () => {
    await using server = await TestServer.start({ connectPaths: ['/connect'] });
    const response = await post(server, body(offerSdp()));
    expect(response.status).toBe(200);
    expect(response.headers.get('location')).toBeNull();
    const answer: unknown = JSON.parse(Buffer.from(await response.text(), 'base64').toString());
    expect(answer).toMatchObject({ type: 'answer', sdp: expect.stringContaining('v=0') });
    expect((await server.next()).signaler.trickle).toBe('none');
  });

  test('the same Authorizer stands before it', async () => {
    await using server = await TestServer.start({ connectPaths: ['/connect'] });
    const response = await post(server, body(offerSdp({ fingerprint: '0'.repeat(64) })));
    expect(response.status).toBe(401);
    expect(server.sessions.size).toBe(0);
  });

  test('what is malformed gives 400; it is off unless asked for', async () => {
    await using server = await TestServer.start({ connectPaths: ['/connect', '/we'] });
    for (const text of ['', '{', '[]', '{"offer":7}', '{"offer":"!!"}', '{"offer":"e30="}']) {
      expect((await post(server, text)).status).toBe(400);
    }
    expect((await post(server, body('v=0'))).status).toBe(400);
    expect((await fetch(`${server.url}/connect`)).status).toBe(405);
    await using plain = await TestServer.start();
    expect((await post(plain, body(offerSdp()))).status).toBe(404);
  });

  test('takes the largest offer that there may be, and no larger body', async () => {
    await using server = await TestServer.start({ connectPaths: ['/connect'] });
    const largest = `${offerSdp()}a=x:${'"'.repeat(64 * 1024 - offerSdp().length - 6)}\r\n`;
    expect(largest).toHaveLength(64 * 1024);
    expect((await post(server, body(largest))).status).toBe(200);
    expect((await post(server, ' '.repeat(MAX_CONNECT_BODY_BYTES + 1))).status).toBe(413);
  });
});
