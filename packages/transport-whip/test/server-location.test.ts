import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { offerSdp } from './support/sdp.ts';
import { TestServer } from './support/server.ts';

describe('Location', () => {
  /** Sends an offer whose headers `fetch` would not let through. */
  const locationOf = async (server: TestServer, headers: Record<string, string>): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const options = { method: 'POST', headers: { 'content-type': 'application/sdp', ...headers } };
    const sent = request(server.offerUrl, options, (reply) => {
      reply.resume();
      resolve((reply.headers.location ?? '').replace(/\/candidates\/[A-Za-z0-9_-]{24}$/, '/…'));
    });
    sent.on('error', reject);
    sent.end(offerSdp());
    return await promise;
  };

  test.each(['box.example', 'box.example:80', 'box', '[2001:db8::7]:7777', '192.0.2.7:1', 'a_b.example.'])(
    'names the host as the client did: %s',
    async (host) => {
      await using server = await TestServer.start();
      expect(await locationOf(server, { host })).toBe(`http://${host}/…`);
    },
  );

  test.each([
    'a b',
    'user@box',
    'box:99999',
    'box:x',
    '[::zz]',
    'box/x',
    'box%41',
    '-',
    '',
    `${'a'.repeat(300)}`,
  ])('names the address it listens on in place of the host %j', async (host) => {
    await using server = await TestServer.start();
    expect(await locationOf(server, { host })).toBe(`${server.url}/…`);
  });

  test('takes the word of a proxy that is trusted, and of no other', async () => {
    const headers = {
      host: 'inner:7777',
      'x-forwarded-proto': 'HTTPS',
      'x-forwarded-host': 'box.example',
    };
    await using trusting = await TestServer.start({}, { trustProxy: 'loopback' });
    expect(await locationOf(trusting, headers)).toBe('https://box.example/…');
    expect(await locationOf(trusting, { ...headers, 'x-forwarded-proto': 'gopher' })).toBe(
      'http://box.example/…',
    );
    for (const trustProxy of [false, '192.0.2.7']) {
      await using server = await TestServer.start({}, { trustProxy });
      expect(await locationOf(server, headers)).toBe('http://inner:7777/…');
    }
  });
});
