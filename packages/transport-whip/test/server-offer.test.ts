import { BearerAuthorizer } from '@ouro/fingerprint';
import { SignalingError } from '@ouro/signaling';
import { ManualClock } from '@ouro/test-kit';
import { describe, expect, test } from 'vitest';
import type { WhipSessionContext } from '../src/server/index.ts';
import { answerSdp, FINGERPRINT, offerSdp } from './support/sdp.ts';
import { TestServer } from './support/server.ts';

const STRANGER = '0'.repeat(64);

async function problem(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error('not an object');
  return { ...body };
}

describe('POST of an offer', () => {
  test('S1 gives 201, the answer as application/sdp and an absolute Location', async () => {
    await using server = await TestServer.start();
    const response = await server.post(offerSdp());
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    expect(response.headers.get('location')).toMatch(
      new RegExp(`^${server.url}/candidates/[A-Za-z0-9_-]{24}$`),
    );
    expect(await response.text()).toBe(answerSdp());
    const { signaler, context } = await server.next();
    expect(context.label).toBe('laptop');
    expect(context.fingerprint?.compact).toBe(FINGERPRINT);
    expect(signaler.trickle).toBe('offerer');
    expect(signaler.remote).toEqual({ kind: 'none' });
    const first = await signaler[Symbol.asyncIterator]().next();
    expect(first.value).toEqual({ type: 'offer', sdp: offerSdp() });
  });

  test.each(['Application/SDP', 'application/sdp; charset=utf-8', ' APPLICATION/sdp ;x=1'])(
    'S1 takes the media type %j',
    async (type) => {
      await using server = await TestServer.start();
      expect((await server.post(offerSdp(), { 'content-type': type })).status).toBe(201);
    },
  );

  test('S1 takes an offer without a media type, as old clients send it', async () => {
    await using server = await TestServer.start();
    const body = new TextEncoder().encode(offerSdp());
    expect((await fetch(server.offerUrl, { method: 'POST', body })).status).toBe(201);
  });

  test('S2 refuses another media type with 415 and Accept-Post', async () => {
    await using server = await TestServer.start();
    const response = await server.post('{}', { 'content-type': 'application/json' });
    expect(response.status).toBe(415);
    expect(response.headers.get('accept-post')).toBe('application/sdp');
    expect(await problem(response)).toMatchObject({
      status: 415,
      code: 'unsupported-media-type',
      type: 'about:blank',
    });
  });

  test.each([
    ['empty', ''],
    ['no SDP', 'hello'],
    ['no fingerprint', offerSdp({ fingerprint: null })],
    ['no ICE credentials', offerSdp().replace(/a=ice-pwd.*\r\n/, '')],
    ['a short ufrag', offerSdp({ ufrag: 'abc' })],
    ['a bad candidate', offerSdp({ candidates: ['candidate:x'] })],
    ['no m-section', offerSdp({ media: [] })],
    ['a line of another form', offerSdp().replace('s=-', 's=-\r\nhello')],
  ])('S2 refuses malformed SDP with 400: %s', async (_name, sdp) => {
    await using server = await TestServer.start();
    const response = await server.post(sdp);
    expect(response.status).toBe(400);
    expect(await problem(response)).toMatchObject({ code: 'bad-sdp' });
    expect(server.sessions.size).toBe(0);
  });

  test('S2 refuses bytes that are no text with 400', async () => {
    await using server = await TestServer.start();
    expect((await server.post(new Uint8Array([0xff, 0xfe, 0, 1]))).status).toBe(400);
  });

  test('S3 gives a strong ETag, another one for each session', async () => {
    await using server = await TestServer.start();
    const tags = await Promise.all(
      [1, 2, 3].map(async () => (await server.post(offerSdp())).headers.get('etag')),
    );
    for (const tag of tags) expect(tag).toMatch(/^"[A-Za-z0-9_-]+"$/);
    expect(new Set(tags).size).toBe(3);
  });

  test.each([
    ['S7 D4 audio', ['audio 9 UDP/TLS/RTP/SAVPF 111']],
    [
      'S7 D4 a data channel and video',
      ['application 9 UDP/DTLS/SCTP webrtc-datachannel', 'video 9 UDP/TLS/RTP/SAVPF 96'],
    ],
    [
      'S7 two data sections',
      ['application 9 UDP/DTLS/SCTP webrtc-datachannel', 'application 9 UDP/DTLS/SCTP webrtc-datachannel'],
    ],
  ])('%s: refuses the whole offer with 422', async (_name, media) => {
    await using server = await TestServer.start();
    const response = await server.post(offerSdp({ media }));
    expect(response.status).toBe(422);
    expect(await problem(response)).toMatchObject({ code: 'unprocessable' });
    expect(server.sessions.size).toBe(0);
  });

  test.each(['passive', 'holdconn'])('D3 refuses a=setup:%s with 422', async (setup) => {
    await using server = await TestServer.start();
    expect((await server.post(offerSdp({ setup }))).status).toBe(422);
  });

  test('D3 takes a=setup:active', async () => {
    await using server = await TestServer.start();
    expect((await server.post(offerSdp({ setup: 'active' }))).status).toBe(201);
  });

  test('D5 takes the older DTLS/SCTP m-line and TCP/DTLS/SCTP', async () => {
    await using server = await TestServer.start();
    expect((await server.post(offerSdp({ media: ['application 9 DTLS/SCTP 5000'] }))).status).toBe(201);
    expect(
      (await server.post(offerSdp({ media: ['application 9 TCP/DTLS/SCTP webrtc-datachannel'] }))).status,
    ).toBe(201);
  });

  test('S8 the host cannot trickle, nor answer twice', async () => {
    await using server = await TestServer.start();
    await server.post(offerSdp());
    const { signaler } = await server.next();
    const signal = AbortSignal.timeout(5_000);
    const candidate = {
      type: 'candidate',
      candidate: 'candidate:x',
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: null,
    } as const;
    await expect(signaler.send(candidate, { signal })).rejects.toMatchObject({ code: 'invalid-state' });
    await expect(signaler.send({ type: 'answer', sdp: answerSdp() }, { signal })).rejects.toMatchObject({
      code: 'invalid-state',
    });
  });

  test('S8 the POST waits for the whole answer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = await TestServer.start({
      onSession: async (signaler, { session }) => {
        await promise;
        await signaler.send({ type: 'answer', sdp: answerSdp() }, { signal: session.ended });
      },
    });
    const posted = server.post(offerSdp());
    resolve();
    expect((await posted).status).toBe(201);
  });

  test('S11 announces ice-servers in Link headers, quoted', async () => {
    await using server = await TestServer.start({
      iceServers: [
        { urls: ['stun:stun.example.net'] },
        { urls: ['turn:turn.example.net?transport=udp'], username: '1:a', credential: 'a+/"=' },
      ],
    });
    expect((await server.post(offerSdp())).headers.get('link')).toBe(
      '<stun:stun.example.net>; rel="ice-server", ' +
        '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="1:a"; credential="a+/\\"="; credential-type="password"',
    );
  });

  test.each([
    ['from this machine', {}, true],
    ['a proxy with TLS', { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' }, true],
    ['a proxy without', { 'x-forwarded-for': '192.0.2.7' }, false],
  ])('S11 says whether others could read what is announced: %s', async (_, headers, secure) => {
    const urls = (context: WhipSessionContext) => [`stun:${context.secure}`];
    const iceServers = (context: WhipSessionContext) => [{ urls: urls(context) }];
    await using server = await TestServer.start({ iceServers }, { trustProxy: 'loopback' });
    const response = await server.post(offerSdp(), headers);
    expect(response.headers.get('link')).toBe(`<stun:${secure}>; rel="ice-server"`);
  });

  test('S11 asks for the ice-servers of each session, and a wrong one ends it with 500 without its text', async () => {
    await using server = await TestServer.start({ iceServers: () => [{ urls: ['http://secret'] }] });
    const response = await server.post(offerSdp());
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problem(response))).not.toContain('secret');
    expect(server.sessions.size).toBe(0);
  });
});

describe('authorization', () => {
  test('S12 a stranger gets 401, a challenge without an error code, its own fingerprint, and leaves nothing', async () => {
    await using server = await TestServer.start();
    const response = await server.post(offerSdp({ fingerprint: STRANGER }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="ouro"');
    expect(await problem(response)).toMatchObject({
      code: 'unauthorized',
      fingerprint: STRANGER,
      detail: expect.stringContaining(STRANGER),
    });
    expect(server.accepted.size).toBe(0);
    expect(server.sessions.size).toBe(0);
  });

  test('S12 a wrong token is invalid_token', async () => {
    await using server = await TestServer.start({
      authorizer: new BearerAuthorizer([{ token: 'x'.repeat(30) }]),
    });
    const response = await server.post(offerSdp(), { authorization: `Bearer ${'y'.repeat(30)}` });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="ouro", error="invalid_token"');
  });

  test('S12 a token of more than 4096 characters is none', async () => {
    const asked: (string | undefined)[] = [];
    await using server = await TestServer.start({
      authorizer: {
        async authorize({ bearer }) {
          asked.push(bearer);
          return {};
        },
      },
    });
    for (const length of [4096, 4097]) {
      await server.post(offerSdp(), { authorization: `Bearer ${'x'.repeat(length)}` });
    }
    expect(asked).toEqual(['x'.repeat(4096), undefined]);
  });

  test('S12 a right token lets in any certificate', async () => {
    const token = 'x'.repeat(30);
    await using server = await TestServer.start({
      authorizer: new BearerAuthorizer([{ token, label: 'ci' }]),
    });
    expect(
      (await server.post(offerSdp({ fingerprint: STRANGER }), { authorization: `bearer ${token}` })).status,
    ).toBe(201);
    expect((await server.next()).context).toMatchObject({ label: 'ci' });
  });

  test('S12 a fingerprint is never taken for a token', async () => {
    await using server = await TestServer.start();
    const headers = { authorization: `Bearer ${FINGERPRINT}` };
    expect((await server.post(offerSdp({ fingerprint: STRANGER }), headers)).status).toBe(401);
  });

  test('S29 asks who it is before it judges the offer', async () => {
    await using server = await TestServer.start();
    const media = ['audio 9 UDP/TLS/RTP/SAVPF 111'];
    expect((await server.post(offerSdp({ media, fingerprint: STRANGER }))).status).toBe(401);
  });

  test('asks exactly once for each offer', async () => {
    const asked: string[] = [];
    await using server = await TestServer.start({
      authorizer: {
        async authorize({ fingerprint }) {
          asked.push(fingerprint?.compact ?? '');
          return {};
        },
      },
    });
    expect((await server.post(offerSdp())).status).toBe(201);
    expect(asked).toEqual([FINGERPRINT]);
  });

  test('an Authorizer that breaks refuses with 500 and says nothing of why', async () => {
    await using server = await TestServer.start({
      authorizer: { authorize: () => Promise.reject(new Error('secret path')) },
    });
    const response = await server.post(offerSdp());
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });
});

describe('the host refuses or fails', () => {
  test('its reason is the reply', async () => {
    await using server = await TestServer.start({
      onSession: (signaler) => signaler.close(new SignalingError('unavailable', 'Not today')),
    });
    const response = await server.post(offerSdp());
    expect(response.status).toBe(503);
    expect(await problem(response)).toMatchObject({ detail: 'Not today' });
    expect(server.sessions.size).toBe(0);
  });

  test('a close without an answer is 503', async () => {
    await using server = await TestServer.start({ onSession: (signaler) => signaler.close() });
    expect((await server.post(offerSdp())).status).toBe(503);
  });

  test('a peer that closes before the answer is 503', async () => {
    await using server = await TestServer.start({ onSession: (_signaler, { session }) => session.closed() });
    expect((await server.post(offerSdp())).status).toBe(503);
  });

  test('what it throws ends the session, and is not told', async () => {
    await using server = await TestServer.start({ onSession: () => Promise.reject(new Error('secret')) });
    const response = await server.post(offerSdp());
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(server.sessions.size).toBe(0);
  });

  test('no answer in time is 504', async () => {
    const clock = new ManualClock();
    await using server = await TestServer.start({
      clock,
      onSession: () => queueMicrotask(() => clock.pass(20_000)),
    });
    expect((await server.post(offerSdp())).status).toBe(504);
    expect(server.sessions.size).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
