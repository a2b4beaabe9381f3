import { describe, expect, test } from 'vitest';
import { candidate, dial, end, offer, readAll, signal, whip } from './support/client.ts';
import { type Script, ScriptedServer } from './support/scripted-server.ts';
import {
  answerSdp,
  HOST_CANDIDATE,
  offerSdp,
  PASSWORD,
  SRFLX_CANDIDATE,
  TCP_CANDIDATE,
  UFRAG,
} from './support/sdp.ts';

describe('candidates', () => {
  test('C1 F3 F4 are held until the 201, then go in one PATCH with If-Match; later ones follow', async () => {
    const release = Promise.withResolvers<void>();
    const post: Script = async (_request, response) => {
      await release.promise;
      response
        .writeHead(201, { 'content-type': 'application/sdp', location: '/s/1', etag: '"one"' })
        .end(answerSdp());
    };
    await using server = await ScriptedServer.start(whip({ post }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await signaler.send(candidate(SRFLX_CANDIDATE), { signal });
    await server.received(1);
    expect(server.of('PATCH')).toEqual([]);
    release.resolve();
    await readAll(signaler);
    const [first] = server.of('PATCH');
    expect(first?.headers).toMatchObject({
      'content-type': 'application/trickle-ice-sdpfrag',
      'if-match': '"one"',
    });
    expect(first?.body).toBe(
      [
        'a=group:BUNDLE 0',
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
        `a=ice-ufrag:${UFRAG}`,
        `a=ice-pwd:${PASSWORD}`,
        'a=mid:0',
        `a=${HOST_CANDIDATE}`,
        `a=${SRFLX_CANDIDATE}`,
        '',
      ].join('\r\n'),
    );
    await signaler.send(candidate(TCP_CANDIDATE), { signal });
    await signaler.send(end, { signal });
    await signaler.close();
    expect(server.of('PATCH')).toHaveLength(2);
    expect(server.of('PATCH')[1]?.body).toContain(`a=mid:0\r\na=${TCP_CANDIDATE}\r\na=end-of-candidates\r\n`);
    await expect(signaler.send(candidate(TCP_CANDIDATE), { signal })).rejects.toMatchObject({
      code: 'closed',
    });
  });

  test('F3 credentials stand at session level when the offer has them there', async () => {
    await using server = await ScriptedServer.start(whip());
    await using signaler = await dial(server);
    const moved = offerSdp().replace(/a=ice-(?:ufrag|pwd).*\r\n/g, '');
    const sdp = moved.replace('a=group', `a=ice-ufrag:${UFRAG}\r\na=ice-pwd:${PASSWORD}\r\na=group`);
    await signaler.send({ type: 'offer', sdp }, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await readAll(signaler);
    expect(server.of('PATCH')[0]?.body).toMatch(
      /^a=group:BUNDLE 0\r\na=ice-ufrag:.*\r\na=ice-pwd:.*\r\nm=application/,
    );
  });

  test('T4 none may follow the end; T3 those of another generation are passed over', async () => {
    await using server = await ScriptedServer.start(whip());
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(
      {
        type: 'candidate',
        candidate: HOST_CANDIDATE,
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: 'gone',
      },
      { signal },
    );
    await signaler.send(end, { signal });
    await expect(signaler.send(candidate(HOST_CANDIDATE), { signal })).rejects.toMatchObject({
      code: 'invalid-state',
    });
    await readAll(signaler);
    expect(server.of('PATCH').map(({ body }) => body)).toEqual([expect.not.stringContaining('a=candidate')]);
  });

  test('100 of a generation are taken, the next is refused', async () => {
    await using server = await ScriptedServer.start(whip());
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    for (let i = 0; i < 100; i += 1)
      await signaler.send(candidate(HOST_CANDIDATE.replace('51000', String(50_000 + i))), { signal });
    await expect(signaler.send(candidate(SRFLX_CANDIDATE), { signal })).rejects.toMatchObject({
      code: 'too-many',
    });
  });

  test('S10 a busy server is asked again after Retry-After, a broken connection too', async () => {
    let tries = 0;
    const patch: Script = (_request, response) => {
      tries += 1;
      if (tries === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else if (tries === 2) response.destroy();
      else response.writeHead(204).end();
    };
    await using server = await ScriptedServer.start(whip({ patch }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await readAll(signaler);
    const bodies = server.of('PATCH').map(({ body }) => body);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
  });

  test('a server that stays busy is asked four times', async () => {
    await using server = await ScriptedServer.start(
      whip({ patch: (_request, response) => void response.writeHead(503).end() }),
    );
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await expect(readAll(signaler)).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.of('PATCH')).toHaveLength(4);
  });

  test.each([404, 409, 410, 412, 428, 499])(
    'C4 %i ends the conversation with an error of its class',
    async (status) => {
      await using server = await ScriptedServer.start(
        whip({ patch: (_request, response) => void response.writeHead(status).end() }),
      );
      await using signaler = await dial(server);
      await signaler.send(offer, { signal });
      await signaler.send(candidate(HOST_CANDIDATE), { signal });
      await expect(readAll(signaler)).rejects.toMatchObject({ name: 'SignalingError', status });
      await expect(signaler.send(candidate(SRFLX_CANDIDATE), { signal })).rejects.toMatchObject({ status });
    },
  );

  test.each([405, 422, 501])('S25 C4 a server that cannot trickle (%i) is left alone', async (status) => {
    await using server = await ScriptedServer.start(
      whip({ patch: (_request, response) => void response.writeHead(status).end() }),
    );
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    expect(await readAll(signaler)).toHaveLength(1);
    const patches = server.of('PATCH').length;
    await signaler.send(candidate(SRFLX_CANDIDATE), { signal });
    await signaler.close();
    expect(server.of('PATCH')).toHaveLength(patches);
  });

  test.each([400, 415, 422])(
    'an older server that refuses fragments with %i gets JSON, one candidate a request, no If-Match',
    async (status) => {
      const patch: Script = (request, response) => {
        const isJson = request.headers['content-type'] === 'application/json';
        response.writeHead(isJson ? 204 : status).end();
      };
      await using server = await ScriptedServer.start(whip({ patch, headers: { etag: 'garbage' } }));
      await using signaler = await dial(server);
      await signaler.send(offer, { signal });
      await signaler.send(candidate(HOST_CANDIDATE), { signal });
      await signaler.send(candidate(SRFLX_CANDIDATE), { signal });
      await readAll(signaler);
      await signaler.send(candidate(TCP_CANDIDATE), { signal });
      await signaler.send(end, { signal });
      await signaler.close();
      const [refused, ...json] = server.of('PATCH');
      expect(refused?.headers['if-match']).toBeUndefined();
      expect(json.map(({ body }) => JSON.parse(body))).toEqual(
        [HOST_CANDIDATE, SRFLX_CANDIDATE, TCP_CANDIDATE].map((line) => ({
          candidate: line,
          sdpMid: '0',
          sdpMLineIndex: 0,
          usernameFragment: UFRAG,
        })),
      );
      for (const { headers } of json) expect(headers['if-match']).toBeUndefined();
    },
  );

  test('S3 a weak tag is as good as none', async () => {
    await using server = await ScriptedServer.start(whip({ headers: { etag: 'W/"one"' } }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await readAll(signaler);
    expect(server.of('PATCH')[0]?.headers['if-match']).toBeUndefined();
  });

  test('without a Location nothing is trickled and nothing is ended', async () => {
    const post: Script = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/sdp' }).end(answerSdp());
    await using server = await ScriptedServer.start(whip({ post }));
    const signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await readAll(signaler);
    await signaler.send(candidate(SRFLX_CANDIDATE), { signal });
    await signaler.terminate({ signal });
    expect(server.requests).toHaveLength(1);
  });
});
