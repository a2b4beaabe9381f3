import { connect, type Socket } from 'node:net';
import { ManualClock } from '@ouro/test-kit';
import { describe, expect, test } from 'vitest';
import { addressKey } from '../src/server/address.ts';
import { RateLimiter } from '../src/server/index.ts';
import { answerSdp, fragment, offerSdp } from './support/sdp.ts';
import { TestServer } from './support/server.ts';
import { open, patch } from './support/session.ts';

const slow = { burst: 2, perSecond: 0.5 };
const free = { burst: 1_000, perSecond: 1_000 };

describe('rates', () => {
  test('S13 S10 POST: 429 with Retry-After in seconds; time gives it back', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({
      clock,
      limits: { post: { perAddress: slow, total: free } },
    });
    for (const status of [201, 201, 429]) expect((await server.post(offerSdp())).status).toBe(status);
    const refused = await server.post(offerSdp());
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(await refused.json()).toMatchObject({ code: 'too-many' });
    clock.pass(2_000);
    expect((await server.post(offerSdp())).status).toBe(201);
  });

  test('S13 POST, PATCH and DELETE are counted apart', async () => {
    const limits = { patch: { perAddress: slow, total: free }, delete: { perAddress: free, total: slow } };
    await using server = await TestServer.start({ clock: new ManualClock(), limits });
    const { url, tag } = await open(server);
    for (const status of [204, 204, 429]) {
      expect((await patch(url, fragment([]), { 'if-match': tag })).status).toBe(status);
    }
    for (const status of [404, 404, 429])
      expect((await fetch(`${url}x`, { method: 'DELETE' })).status).toBe(status);
    expect((await server.post(offerSdp())).status).toBe(201);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(429);
  });

  test('S13 also those that are refused for another reason count', async () => {
    const limits = { post: { perAddress: slow, total: free } };
    await using server = await TestServer.start({ clock: new ManualClock(), limits });
    for (const status of [401, 400, 429]) {
      const body = status === 401 ? offerSdp({ fingerprint: '0'.repeat(64) }) : 'x';
      expect((await server.post(body)).status).toBe(status);
    }
  });

  test('a bucket by address and one for all; nothing is taken by who is refused', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter({ perAddress: slow, total: { burst: 3, perSecond: 1 } }, clock);
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([0, 0, 2_000]);
    expect([limiter.take('b'), limiter.take('b'), limiter.take('c')]).toEqual([0, 1_000, 1_000]);
    clock.pass(1_000);
    expect([limiter.take('a'), limiter.take('c')]).toEqual([1_000, 0]);
  });

  test('the addresses that are counted are capped; the quietest is forgotten first', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter({ perAddress: { burst: 1, perSecond: 0.001 }, total: free }, clock, 2);
    for (const address of ['a', 'b', 'a', 'c']) limiter.take(address);
    expect(limiter.size).toBe(2);
    expect(limiter.take('a')).toBeGreaterThan(0);
    expect(limiter.take('b')).toBe(0);
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:1:2::9%eth0', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['2001:db8::1', '2001:db8:0:0'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('sessions', () => {
  test('as many as are allowed in all, then 503 with Retry-After; one that ends makes room', async () => {
    await using server = await TestServer.start({ limits: { maxSessions: 2 } });
    const first = await open(server);
    await open(server);
    const refused = await server.post(offerSdp());
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('30');
    await fetch(first.url, { method: 'DELETE' });
    expect((await server.post(offerSdp())).status).toBe(201);
  });

  test('as many as are allowed for one address, then 429', async () => {
    await using server = await TestServer.start({ limits: { maxSessionsPerAddress: 1 } });
    const { url } = await open(server);
    expect((await server.post(offerSdp())).status).toBe(429);
    await fetch(url, { method: 'DELETE' });
    expect((await server.post(offerSdp())).status).toBe(201);
  });

  test('S13 ids are random, and never repeat', async () => {
    await using server = await TestServer.start();
    const ids = new Set<string>();
    for (let i = 0; i < 50; i += 1) ids.add((await open(server)).accepted.context.session.id);
    expect(ids.size).toBe(50);
  });

  test('1,000 sessions one after the other pass the default limits and leave nothing', async () => {
    await using server = await TestServer.start();
    for (let i = 0; i < 1_000; i += 1) {
      const response = await server.post(offerSdp());
      expect(response.status).toBe(201);
      await response.text();
      const url = new URL(response.headers.get('location') ?? '', server.url);
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(200);
    }
    expect(server.sessions.size).toBe(0);
  }, 30_000);
});

describe('bodies', () => {
  test('64 KiB are read; one byte more is 413', async () => {
    await using server = await TestServer.start();
    expect((await server.post('x'.repeat(64 * 1024))).status).toBe(400);
    const refused = await server.post('x'.repeat(64 * 1024 + 1));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ code: 'oversize' });
  });

  test('a POST of 10 MB gets its 413, and the server lives', async () => {
    await using server = await TestServer.start();
    expect((await server.post('x'.repeat(10_000_000))).status).toBe(413);
    expect((await server.post(offerSdp())).status).toBe(201);
  });

  test('a sender without end is cut off after 16 MiB', async () => {
    await using server = await TestServer.start();
    const chunk = new Uint8Array(1024 * 1024);
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(chunk),
    });
    const init = {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { 'content-type': 'application/sdp' },
    };
    const outcome = await fetch(server.offerUrl, init).then(
      (response) => response.status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(outcome);
    expect((await server.post(offerSdp())).status).toBe(201);
  });

  test('a slow sender gets 408 and the connection is closed', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({ clock });
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /offer HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 100\r\n\r\nv=0',
    );
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.pass(10_000);
    const reply = await readToEnd(socket);
    expect(reply).toMatch(/^HTTP\/1\.1 408 /);
    expect(reply).toContain('"code":"timeout"');
    expect(clock.pending).toBe(0);
  });

  test('a sender who breaks off leaves nothing', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({ clock });
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /offer HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nv=0');
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    while (clock.pending > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.sessions.size).toBe(0);
    expect((await server.post(offerSdp())).status).toBe(201);
  });

  test('random bytes to every URL: a 4xx each, and the server lives', async () => {
    await using server = await TestServer.start({ connectPaths: ['/connect'] });
    const { url } = await open(server);
    const types = ['application/sdp', 'application/json', 'application/trickle-ice-sdpfrag', '', 'x'];
    for (let i = 0; i < 200; i += 1) {
      const body = crypto.getRandomValues(new Uint8Array(i * 3));
      const headers = { 'content-type': types[i % types.length] ?? '', 'if-match': '*' };
      const replies = await Promise.all([
        fetch(server.offerUrl, { method: 'POST', body, headers }),
        fetch(`${server.url}/connect`, { method: 'POST', body, headers }),
        fetch(url, { method: 'PATCH', body, headers }),
      ]);
      for (const { status } of replies) expect(Math.floor(status / 100)).toBe(4);
    }
    expect((await server.post(offerSdp())).status).toBe(201);
  });
});

async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('an answer of the host that is too large is refused where it is sent', async () => {
  const outcome = Promise.withResolvers<unknown>();
  await using server = await TestServer.start({
    onSession: async (signaler, { session }) => {
      const sdp = answerSdp().padEnd(64 * 1024 + 1, 'a');
      outcome.resolve(
        await signaler
          .send({ type: 'answer', sdp }, { signal: session.ended })
          .catch((thrown: unknown) => thrown),
      );
      await signaler.close();
    },
  });
  expect((await server.post(offerSdp())).status).toBe(503);
  expect(await outcome.promise).toMatchObject({ code: 'oversize' });
});
