import { describe, expect, test } from 'vitest';
import { candidate, dial, offer, readAll, signal, whip } from './support/client.ts';
import { type Script, ScriptedServer } from './support/scripted-server.ts';
import { fragment, HOST_CANDIDATE, offerSdp, SRFLX_CANDIDATE, TCP_CANDIDATE } from './support/sdp.ts';

const restartOffer = (ufrag: string) =>
  ({
    type: 'offer',
    sdp: offerSdp({ ufrag, password: ufrag.repeat(6), candidates: [HOST_CANDIDATE] }),
  }) as const;
const SERVER_CANDIDATE = 'a=candidate:7 1 udp 2122260223 198.51.100.9 7777 typ host';

/** 200 to a restart, with credentials made of the client's; 204 to a trickle of known ones. */
function restarting(before: (ufrag: string) => Promise<void> | void = () => {}): Script {
  const known = new Set<string>();
  return async ({ body, headers }, response) => {
    const ufrag = /ice-ufrag:(\w+)/.exec(body)?.[1] ?? '';
    if (headers['if-match'] !== '*' || known.has(ufrag)) return void response.writeHead(204).end();
    known.add(ufrag);
    await before(ufrag);
    const type = { 'content-type': 'application/trickle-ice-sdpfrag', etag: `"${ufrag}"` };
    response.writeHead(200, type).end(fragment([SERVER_CANDIDATE], `S${ufrag}`, `s${ufrag}`.repeat(6)));
  };
}

describe('ICE restart by the client', () => {
  test('C2 S24 asks with If-Match: * and its new credentials and candidates, and gives the new answer, whole', async () => {
    await using server = await ScriptedServer.start(whip({ patch: restarting() }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await readAll(signaler);
    await signaler.close();
    const answer = await signaler.restart(restartOffer('abcd'), { signal });
    const [request] = server.of('PATCH');
    expect(request?.headers['if-match']).toBe('*');
    expect(request?.body).toContain('a=ice-ufrag:abcd\r\n');
    expect(request?.body).toContain(`a=mid:0\r\na=${HOST_CANDIDATE}\r\n`);
    expect(answer.type).toBe('answer');
    expect(answer.sdp).toContain('a=ice-ufrag:Sabcd\r\n');
    expect(answer.sdp).toContain(`${SERVER_CANDIDATE}\r\n`);
    expect(answer.sdp).not.toContain('198.51.100.1 ');
    expect(answer.sdp).toContain('a=fingerprint:sha-256');
    expect(answer.sdp).toContain('o=- 4611731400430051336 3 IN');
  });

  test('C2 candidates wait for the 200, then go with the new ETag, also after close', async () => {
    const release = Promise.withResolvers<void>();
    await using server = await ScriptedServer.start(whip({ patch: restarting(() => release.promise) }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await readAll(signaler);
    const restarted = signaler.restart(restartOffer('abcd'), { signal });
    await signaler.send(
      {
        type: 'candidate',
        candidate: TCP_CANDIDATE,
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: 'abcd',
      },
      { signal },
    );
    await server.received(2);
    expect(server.of('PATCH')).toHaveLength(1);
    release.resolve();
    await restarted;
    await signaler.close();
    expect(server.of('PATCH')[1]).toMatchObject({
      headers: { 'if-match': '"abcd"' },
      body: expect.stringContaining(TCP_CANDIDATE),
    });
    const again = await signaler.restart(restartOffer('efgh'), { signal });
    await signaler.send(
      {
        type: 'candidate',
        candidate: SRFLX_CANDIDATE,
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: null,
      },
      { signal },
    );
    await server.received(5);
    expect(server.of('PATCH')[3]).toMatchObject({
      headers: { 'if-match': '"efgh"' },
      body: expect.stringContaining(SRFLX_CANDIDATE),
    });
    expect(again.sdp).toContain('o=- 4611731400430051336 4 IN');
  });

  test('C3 a newer restart replaces one that waits, whatever the order of the replies', async () => {
    const first = Promise.withResolvers<void>();
    await using server = await ScriptedServer.start(
      whip({ patch: restarting((ufrag) => (ufrag === 'aaaa' ? first.promise : undefined)) }),
    );
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await readAll(signaler);
    const older = signaler.restart(restartOffer('aaaa'), { signal });
    const replaced = expect(older).rejects.toMatchObject({ code: 'aborted' });
    await server.received(2);
    const newer = await signaler.restart(restartOffer('bbbb'), { signal });
    first.resolve();
    await replaced;
    expect(newer.sdp).toContain('a=ice-ufrag:Sbbbb');
    await signaler.send(
      {
        type: 'candidate',
        candidate: SRFLX_CANDIDATE,
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: 'bbbb',
      },
      { signal },
    );
    await signaler.close();
    expect(server.of('PATCH').at(-1)?.headers['if-match']).toBe('"bbbb"');
  });

  test('C3 what an older PATCH meets after a restart changes nothing, and old candidates are dropped', async () => {
    const late = Promise.withResolvers<void>();
    const restart = restarting();
    const patch: Script = async (request, response) => {
      if (request.headers['if-match'] === '*') return restart(request, response);
      await late.promise;
      response.writeHead(412).end();
    };
    await using server = await ScriptedServer.start(whip({ patch }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await signaler.send(candidate(SRFLX_CANDIDATE), { signal });
    await server.received(2);
    await signaler.send(candidate(TCP_CANDIDATE), { signal });
    await signaler.restart(restartOffer('abcd'), { signal });
    late.resolve();
    await signaler.send(candidate(HOST_CANDIDATE), { signal });
    await signaler.close();
    expect(server.of('PATCH')).toHaveLength(2);
    expect(await readAll(signaler)).toHaveLength(1);
  });

  test.each([
    ['S25 422', 422, 'unprocessable'],
    ['405', 405, 'unprocessable'],
    ['400, an older server', 400, 'unprocessable'],
    ['204, a server that took it for a trickle', 204, 'unprocessable'],
    ['S26 503', 503, 'unavailable'],
    ['404', 404, 'not-found'],
  ])('fails with %s, and may be tried again', async (_name, status, code) => {
    let fails = true;
    const restart = restarting();
    const patch: Script = (request, response) =>
      fails ? void response.writeHead(status).end() : restart(request, response);
    await using server = await ScriptedServer.start(whip({ patch }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await readAll(signaler);
    await expect(signaler.restart(restartOffer('abcd'), { signal })).rejects.toMatchObject({ code });
    fails = false;
    expect((await signaler.restart(restartOffer('efgh'), { signal })).sdp).toContain('a=ice-ufrag:Sefgh');
  });

  test('is refused without a session, and after terminate; and can be cancelled', async () => {
    await using server = await ScriptedServer.start(whip({ patch: () => {} }));
    await using signaler = await dial(server);
    await expect(signaler.restart(restartOffer('abcd'), { signal })).rejects.toMatchObject({
      code: 'invalid-state',
    });
    await signaler.send(offer, { signal });
    await readAll(signaler);
    const abort = new AbortController();
    const restarting = signaler.restart(restartOffer('abcd'), { signal: abort.signal });
    const refused = expect(restarting).rejects.toMatchObject({ code: 'aborted' });
    await server.received(2);
    abort.abort();
    await refused;
    await signaler.terminate({ signal });
    await expect(signaler.restart(restartOffer('efgh'), { signal })).rejects.toMatchObject({
      code: 'invalid-state',
    });
  });
});
