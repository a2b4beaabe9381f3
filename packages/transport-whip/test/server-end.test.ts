import { BearerAuthorizer } from '@ouro/fingerprint';
import { ManualClock } from '@ouro/test-kit';
import { describe, expect, test } from 'vitest';
import { fragment, offerSdp } from './support/sdp.ts';
import { TestServer } from './support/server.ts';
import { open, patch, take } from './support/session.ts';

describe('the end of a session', () => {
  test('S28 DELETE gives 200, ignores If-Match, ends the session; a second one is 404', async () => {
    await using server = await TestServer.start();
    const { url, accepted, signals } = await open(server);
    const response = await fetch(url, { method: 'DELETE', headers: { 'if-match': '"other"' } });
    expect(response.status).toBe(200);
    expect(accepted.context.session.ended.reason).toMatchObject({ code: 'closed' });
    expect(await take(signals)).toBeUndefined();
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
    expect(server.sessions.size).toBe(0);
  });

  test('S28 DELETE ends a connected session too', async () => {
    await using server = await TestServer.start();
    const { url, accepted } = await open(server);
    accepted.context.session.connected();
    await accepted.signaler.close();
    expect(server.sessions.size).toBe(1);
    await fetch(url, { method: 'DELETE' });
    expect(accepted.context.session.ended.aborted).toBe(true);
  });

  test('W17 W22 a session that does not connect in 30 s ends, its peer is told, and it is forgotten', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({ clock });
    const { url, accepted, signals } = await open(server);
    clock.pass(29_999);
    expect(accepted.context.session.ended.aborted).toBe(false);
    clock.pass(1);
    expect(accepted.context.session.ended.reason).toMatchObject({ code: 'timeout' });
    await expect(take(signals)).rejects.toMatchObject({ code: 'timeout' });
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
    expect(server.sessions.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('a connected session stays until its peer closes', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({ clock });
    const { url, accepted } = await open(server);
    accepted.context.session.connected();
    clock.pass(3_600_000);
    expect(server.sessions.size).toBe(1);
    accepted.context.session.closed();
    expect(server.sessions.size).toBe(0);
    expect((await fetch(url)).status).toBe(404);
    expect(clock.pending).toBe(0);
  });

  test('a client that leaves before its answer ends the session', async () => {
    const opened = Promise.withResolvers<AbortSignal>();
    await using server = await TestServer.start({
      onSession: (_signaler, { session }) => opened.resolve(session.ended),
    });
    const abort = new AbortController();
    const posted = fetch(server.offerUrl, {
      method: 'POST',
      body: offerSdp(),
      headers: { 'content-type': 'application/sdp' },
      signal: abort.signal,
    });
    const ended = await opened.promise;
    abort.abort();
    await expect(posted).rejects.toThrow();
    await new Promise<void>((resolve) =>
      ended.aborted ? resolve() : ended.addEventListener('abort', () => resolve()),
    );
    expect(ended.reason).toMatchObject({ code: 'lost' });
    expect(server.sessions.size).toBe(0);
  });

  test('the end of the server ends its sessions', async () => {
    const server = await TestServer.start();
    const { accepted } = await open(server);
    await server.fastify.close();
    expect(accepted.context.session.ended.reason).toMatchObject({ code: 'unavailable' });
  });

  test('S12 a session opened with a token wants the same one for PATCH and DELETE', async () => {
    const token = 'x'.repeat(30);
    const authorizer = new BearerAuthorizer([{ token }, { token: 'z'.repeat(30) }]);
    await using server = await TestServer.start({ authorizer });
    const authorization = `Bearer ${token}`;
    const { url, tag } = await open(server, offerSdp(), { authorization });
    const headers = { 'if-match': tag };
    expect((await patch(url, fragment([]), headers)).status).toBe(401);
    expect(
      (await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${'z'.repeat(30)}` } })).status,
    ).toBe(401);
    expect((await patch(url, fragment([]), { ...headers, authorization })).status).toBe(204);
    expect((await fetch(url, { method: 'DELETE', headers: { authorization } })).status).toBe(200);
  });
});
