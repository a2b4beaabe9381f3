import type { Signal } from '@ouro/signaling';
import { ManualClock } from '@ouro/test-kit';
import { describe, expect, test } from 'vitest';
import {
  answerSdp,
  fragment,
  HOST_CANDIDATE,
  offerSdp,
  PASSWORD,
  SRFLX_CANDIDATE,
  TCP_CANDIDATE,
  UFRAG,
} from './support/sdp.ts';
import { TestServer } from './support/server.ts';
import { FRAGMENT, line, open, patch, take } from './support/session.ts';

const NEW_UFRAG = 'Nw4g';
const NEW_PASSWORD = 'newnewnewnewnewnewnewnew';

describe('ICE restart by PATCH', () => {
  const restart = fragment([line(HOST_CANDIDATE)], NEW_UFRAG, NEW_PASSWORD);
  const newAnswer = answerSdp({ ufrag: 'SrvN', password: 'newservernewservernewser' });

  test('S25 gives 422 while the host has no handler, and the session stays', async () => {
    await using server = await TestServer.start();
    const { url, tag } = await open(server);
    expect((await patch(url, restart, { 'if-match': '*' })).status).toBe(422);
    expect((await patch(url, fragment([]), { 'if-match': tag })).status).toBe(204);
  });

  test('S23 gives 200, a fragment with the new server credentials, and a new ETag', async () => {
    await using server = await TestServer.start();
    const { url, tag, accepted } = await open(server, offerSdp({ candidates: [SRFLX_CANDIDATE] }));
    let offered = '';
    accepted.context.session.onRestart(async ({ offer }) => {
      offered = offer.sdp;
      return { type: 'answer', sdp: newAnswer };
    });
    const response = await patch(url, restart, { 'if-match': '*' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(FRAGMENT);
    expect(response.headers.get('etag')).toMatch(/^"[A-Za-z0-9_-]+"$/);
    expect(response.headers.get('etag')).not.toBe(tag);
    const body = await response.text();
    expect(body).toContain('a=ice-options:trickle ice2\r\n');
    expect(body).toContain(
      'a=ice-ufrag:SrvN\r\na=ice-pwd:newservernewservernewser\r\na=mid:0\r\na=candidate:1 1 udp',
    );
    expect(offered).toContain(`a=ice-ufrag:${NEW_UFRAG}\r\n`);
    expect(offered).toContain(`a=${HOST_CANDIDATE}\r\n`);
    expect(offered).not.toContain(SRFLX_CANDIDATE);
    expect(offered).not.toContain(PASSWORD);
    expect(offered).toContain('o=- 4611731400430051336 3 IN');
  });

  test('S21 S24 the body decides: If-Match * with known credentials is a trickle, an exact tag with new ones a restart', async () => {
    await using server = await TestServer.start();
    const { url, tag, accepted } = await open(server);
    accepted.context.session.onRestart(async () => ({ type: 'answer', sdp: newAnswer }));
    expect((await patch(url, fragment([]), { 'if-match': '*' })).status).toBe(204);
    expect((await patch(url, restart, { 'if-match': tag })).status).toBe(200);
  });

  test.each([
    ['ufrag', NEW_UFRAG, PASSWORD],
    ['password', UFRAG, NEW_PASSWORD],
  ])('S21 refuses a change of the %s alone with 400', async (_name, ufrag, password) => {
    await using server = await TestServer.start();
    const { url, accepted } = await open(server);
    accepted.context.session.onRestart(async () => ({ type: 'answer', sdp: newAnswer }));
    expect((await patch(url, fragment([], ufrag, password), { 'if-match': '*' })).status).toBe(400);
  });

  test('S24 S27 a late trickle of the generation before gets 412, with its tag and with *', async () => {
    await using server = await TestServer.start();
    const { url, tag, accepted } = await open(server);
    accepted.context.session.onRestart(async () => ({ type: 'answer', sdp: newAnswer }));
    const both = [patch(url, restart, { 'if-match': '*' }), patch(url, fragment([]), { 'if-match': tag })];
    const [restarted, late] = await Promise.all(both);
    expect(restarted?.status).toBe(200);
    expect([204, 412]).toContain(late?.status);
    expect((await patch(url, fragment([line(SRFLX_CANDIDATE)]), { 'if-match': tag })).status).toBe(412);
    expect((await patch(url, fragment([line(SRFLX_CANDIDATE)]), { 'if-match': '*' })).status).toBe(412);
    const stale = JSON.stringify({ candidate: SRFLX_CANDIDATE, usernameFragment: UFRAG });
    expect((await patch(url, stale, { 'content-type': 'application/json' })).status).toBe(204);
  });

  test('S27 requests for one session are taken one after the other, in order', async () => {
    await using server = await TestServer.start();
    const { url, tag, accepted } = await open(server);
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    accepted.context.session.onRestart(async () => {
      asked.resolve();
      await release.promise;
      return { type: 'answer', sdp: newAnswer };
    });
    const restarted = patch(url, restart, { 'if-match': '*' });
    await asked.promise;
    const late = patch(url, fragment([]), { 'if-match': tag });
    release.resolve();
    expect((await restarted).status).toBe(200);
    expect((await late).status).toBe(412);
  });

  test('candidates trickled after a restart reach its handler, not the first reader', async () => {
    await using server = await TestServer.start();
    const { url, accepted, signals } = await open(server);
    const got = Promise.withResolvers<Signal>();
    accepted.context.session.onRestart(async ({ candidates }) => {
      candidates[Symbol.asyncIterator]()
        .next()
        .then(({ value }) => got.resolve(value), got.reject);
      return { type: 'answer', sdp: newAnswer };
    });
    const tag = (await patch(url, restart, { 'if-match': '*' })).headers.get('etag') ?? '';
    await patch(url, fragment([HOST_CANDIDATE, TCP_CANDIDATE].map(line), NEW_UFRAG, NEW_PASSWORD), {
      'if-match': tag,
    });
    expect(await got.promise).toMatchObject({ candidate: TCP_CANDIDATE, usernameFragment: NEW_UFRAG });
    expect(await take(signals)).toBeUndefined();
  });

  test('S26 a restart that the host cannot serve is an error, and the old ICE session goes on', async () => {
    await using server = await TestServer.start();
    const { url, tag, accepted, signals } = await open(server);
    accepted.context.session.onRestart(() => Promise.reject(new Error('secret')));
    const response = await patch(url, restart, { 'if-match': '*' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect((await patch(url, fragment([line(HOST_CANDIDATE)]), { 'if-match': tag })).status).toBe(204);
    expect(await take(signals)).toMatchObject({ candidate: HOST_CANDIDATE });
    expect(accepted.context.session.ended.aborted).toBe(false);
  });

  test('a restart that the host never serves is 504 and leaves no timer', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({ clock });
    const { url, accepted } = await open(server);
    accepted.context.session.connected();
    accepted.context.session.onRestart(() => {
      queueMicrotask(() => clock.pass(20_000));
      return Promise.withResolvers<never>().promise;
    });
    expect((await patch(url, restart, { 'if-match': '*' })).status).toBe(504);
    expect(clock.pending).toBe(0);
  });

  test('more PATCH requests than may wait are refused with 429', async () => {
    await using server = await TestServer.start({ limits: { maxWaitingPatches: 1 } });
    const { url, tag, accepted } = await open(server);
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    accepted.context.session.onRestart(async () => {
      asked.resolve();
      await release.promise;
      return { type: 'answer', sdp: newAnswer };
    });
    const restarted = patch(url, restart, { 'if-match': '*' });
    await asked.promise;
    expect((await patch(url, fragment([]), { 'if-match': tag })).status).toBe(429);
    release.resolve();
    expect((await restarted).status).toBe(200);
  });

  test('64 retired ufrags are remembered, the oldest is forgotten first', async () => {
    await using server = await TestServer.start();
    const { url, accepted } = await open(server);
    accepted.context.session.onRestart(async () => ({ type: 'answer', sdp: newAnswer }));
    const restartTo = (ufrag: string) =>
      patch(url, fragment([], ufrag, ufrag.repeat(6)), { 'if-match': '*' });
    for (let i = 100; i < 165; i += 1) expect((await restartTo(`u${i}`)).status).toBe(200);
    expect((await restartTo('u100')).status).toBe(412);
    expect((await patch(url, fragment([]), { 'if-match': '*' })).status).toBe(200);
  });
});
