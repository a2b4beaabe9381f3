import { describe, expect, test } from 'vitest';
import { fragment, HOST_CANDIDATE, offerSdp, SRFLX_CANDIDATE, TCP_CANDIDATE, UFRAG } from './support/sdp.ts';
import { TestServer } from './support/server.ts';
import { FRAGMENT, line, open, patch, take } from './support/session.ts';

describe('PATCH with candidates', () => {
  test('S22 gives 204 without a body and without an ETag; the host gets them in order and once', async () => {
    await using server = await TestServer.start();
    const { url, tag, signals } = await open(server);
    const response = await patch(url, fragment([HOST_CANDIDATE, SRFLX_CANDIDATE].map(line)), {
      'if-match': tag,
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('etag')).toBeNull();
    expect(await response.text()).toBe('');
    const placed = { sdpMid: '0', sdpMLineIndex: 0, usernameFragment: UFRAG };
    expect(await take(signals)).toEqual({ type: 'candidate', candidate: HOST_CANDIDATE, ...placed });
    expect(await take(signals)).toEqual({ type: 'candidate', candidate: SRFLX_CANDIDATE, ...placed });
  });

  test('S22 passes over what it cannot use: mDNS names and unknown transports', async () => {
    await using server = await TestServer.start();
    const { url, tag, signals } = await open(server);
    const lines = [
      'a=candidate:1 1 udp 2122260223 8f0c.local 51000 typ host',
      'a=candidate:2 1 sctp 2122260223 192.0.2.9 51000 typ host',
      line(HOST_CANDIDATE),
    ];
    expect((await patch(url, fragment(lines), { 'if-match': tag })).status).toBe(204);
    expect(await take(signals)).toMatchObject({ candidate: HOST_CANDIDATE });
  });

  test('F6 T2 passes over repeated candidates, also those of the offer', async () => {
    await using server = await TestServer.start();
    const { url, tag, signals } = await open(server, offerSdp({ candidates: [HOST_CANDIDATE] }));
    await patch(url, fragment([HOST_CANDIDATE, SRFLX_CANDIDATE].map(line)), { 'if-match': tag });
    await patch(url, fragment([HOST_CANDIDATE, SRFLX_CANDIDATE, TCP_CANDIDATE].map(line)), {
      'if-match': tag,
    });
    expect(await take(signals)).toMatchObject({ candidate: SRFLX_CANDIDATE });
    expect(await take(signals)).toMatchObject({ candidate: TCP_CANDIDATE });
  });

  test('F5 T4 end-of-candidates ends the generation; later candidates are passed over', async () => {
    await using server = await TestServer.start();
    const { url, tag, accepted, signals } = await open(server);
    const first = fragment([line(HOST_CANDIDATE), 'a=end-of-candidates']);
    expect((await patch(url, first, { 'if-match': tag })).status).toBe(204);
    expect((await patch(url, fragment([line(SRFLX_CANDIDATE)]), { 'if-match': tag })).status).toBe(204);
    await accepted.signaler.close();
    expect(await take(signals)).toMatchObject({ candidate: HOST_CANDIDATE });
    expect(await take(signals)).toEqual({ type: 'end-of-candidates', usernameFragment: UFRAG });
    expect(await take(signals)).toBeUndefined();
  });

  test('S20 refuses another media type with 415 and Accept-Patch', async () => {
    await using server = await TestServer.start();
    const { url, tag } = await open(server);
    for (const type of ['text/plain', 'application/sdp']) {
      const response = await patch(url, fragment([]), { 'if-match': tag, 'content-type': type });
      expect(response.status).toBe(415);
      expect(response.headers.get('accept-patch')).toBe(FRAGMENT);
    }
  });

  test.each([
    ['empty', ''],
    ['a whole SDP', offerSdp()],
    ['no credentials', 'm=audio 9 RTP/AVP 0\r\na=mid:0\r\n'],
    ['a candidate before an m-line', `${line(HOST_CANDIDATE)}\r\n`],
    ['a malformed candidate', fragment(['a=candidate:1 1 udp x'])],
    ['an m-section that the offer has not', fragment([line(HOST_CANDIDATE)]).replace('a=mid:0', 'a=mid:7')],
  ])('S20 refuses a malformed fragment with 400 and takes nothing of it: %s', async (_name, body) => {
    await using server = await TestServer.start();
    const { url, tag, signals } = await open(server);
    expect((await patch(url, body, { 'if-match': tag })).status).toBe(400);
    await patch(url, fragment([line(TCP_CANDIDATE)]), { 'if-match': tag });
    expect(await take(signals)).toMatchObject({ candidate: TCP_CANDIDATE });
  });

  test('a bad candidate among good ones takes none of them', async () => {
    await using server = await TestServer.start();
    const { url, tag, signals } = await open(server);
    const mixed = [line(HOST_CANDIDATE), 'a=candidate:bad'];
    expect((await patch(url, fragment(mixed), { 'if-match': tag })).status).toBe(400);
    await patch(url, fragment([line(TCP_CANDIDATE)]), { 'if-match': tag });
    expect(await take(signals)).toMatchObject({ candidate: TCP_CANDIDATE });
  });

  test('takes 100 candidates of a generation and refuses the next with 422', async () => {
    await using server = await TestServer.start();
    const { url, tag } = await open(server);
    const many = Array.from({ length: 100 }, (_, i) =>
      line(HOST_CANDIDATE.replace('51000', String(50_000 + i))),
    );
    expect((await patch(url, fragment(many), { 'if-match': tag })).status).toBe(204);
    expect((await patch(url, fragment([line(HOST_CANDIDATE)]), { 'if-match': tag })).status).toBe(422);
  });

  test('S24 needs If-Match: 428 without, 412 with another or a weak tag', async () => {
    await using server = await TestServer.start();
    const { url, tag } = await open(server);
    expect((await patch(url, fragment([]), {})).status).toBe(428);
    expect((await patch(url, fragment([]), { 'if-match': '"other"' })).status).toBe(412);
    expect((await patch(url, fragment([]), { 'if-match': `W/${tag}` })).status).toBe(412);
    expect((await patch(url, fragment([]), { 'if-match': 'nonsense' })).status).toBe(400);
  });

  test.each(['*', '"*"'])('S24 If-Match: %s and one tag of a list match', async (any) => {
    await using server = await TestServer.start();
    const { url, tag } = await open(server);
    expect((await patch(url, fragment([]), { 'if-match': any })).status).toBe(204);
    expect((await patch(url, fragment([]), { 'if-match': `"a", ${tag}` })).status).toBe(204);
  });

  test('S29 order: 404, then 415, then 428 and 412, then 400', async () => {
    await using server = await TestServer.start();
    const { url } = await open(server);
    const wrong = { 'content-type': 'text/plain', 'if-match': '"other"' };
    expect((await patch(`${url}x`, 'bad', wrong)).status).toBe(404);
    expect((await patch(url, 'bad', wrong)).status).toBe(415);
    expect((await patch(url, 'bad', { 'if-match': '"other"' })).status).toBe(412);
    expect((await patch(url, 'bad', {})).status).toBe(428);
    expect((await patch(url, 'bad', { 'if-match': '*' })).status).toBe(400);
  });
});

describe('PATCH of older clients', () => {
  const init = { candidate: HOST_CANDIDATE, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: UFRAG };

  test.each(['application/json', 'application/sdp', 'Application/JSON; charset=utf-8'])(
    'takes one JSON candidate under %s without If-Match',
    async (type) => {
      await using server = await TestServer.start();
      const { url, signals } = await open(server);
      expect((await patch(url, JSON.stringify(init), { 'content-type': type })).status).toBe(204);
      expect(await take(signals)).toEqual({ type: 'candidate', ...init });
    },
  );

  test('a candidate without names is for the only m-section of the current generation', async () => {
    await using server = await TestServer.start();
    const { url, signals } = await open(server);
    await patch(url, JSON.stringify({ candidate: HOST_CANDIDATE }), { 'content-type': 'application/json' });
    expect(await take(signals)).toEqual({ type: 'candidate', ...init });
  });

  test.each(['null', '{"candidate":""}'])('%s ends the candidates', async (body) => {
    await using server = await TestServer.start();
    const { url, signals } = await open(server);
    expect((await patch(url, body, { 'content-type': 'application/sdp' })).status).toBe(204);
    expect(await take(signals)).toEqual({ type: 'end-of-candidates', usernameFragment: UFRAG });
  });

  test.each([
    '{',
    '[]',
    '{}',
    '{"type":"offer","sdp":""}',
    '{"candidate":"x"}',
    '{"candidate":"candidate:x"}',
  ])('refuses %s with 400', async (body) => {
    await using server = await TestServer.start();
    const { url } = await open(server);
    expect((await patch(url, body, { 'content-type': 'application/json' })).status).toBe(400);
  });

  test('refuses a candidate of a generation that never was; If-Match counts when it is there', async () => {
    await using server = await TestServer.start();
    const { url } = await open(server);
    const headers = { 'content-type': 'application/json' };
    const foreign = JSON.stringify({ ...init, usernameFragment: 'nope' });
    expect((await patch(url, foreign, headers)).status).toBe(400);
    expect((await patch(url, JSON.stringify(init), { ...headers, 'if-match': '"other"' })).status).toBe(412);
  });
});
