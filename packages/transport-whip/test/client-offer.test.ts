import { describe, expect, test } from 'vitest';
import { dialWhip } from '../src/index.ts';
import { candidate, dial, offer, readAll, signal, whip } from './support/client.ts';
import { ScriptedServer } from './support/scripted-server.ts';
import { answerSdp, HOST_CANDIDATE, offerSdp } from './support/sdp.ts';

describe('the offer', () => {
  test('C1 is POSTed as application/sdp; the answer is the one signal that comes back', async () => {
    await using server = await ScriptedServer.start(whip());
    await using signaler = await dial(server);
    expect(server.requests).toEqual([]);
    await signaler.send(offer, { signal });
    expect(await readAll(signaler)).toEqual([{ type: 'answer', sdp: answerSdp() }]);
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/offer', body: offerSdp(), headers: { 'content-type': 'application/sdp' } },
    ]);
    expect(signaler.sessionUrl).toBe(`${server.url}/s/1`);
  });

  test('a URL without a path means /offer', async () => {
    await using server = await ScriptedServer.start(whip());
    await using signaler = await dial(server, { url: server.url });
    await signaler.send(offer, { signal });
    await readAll(signaler);
    expect(server.requests[0]?.path).toBe('/offer');
  });

  test.each(['ftp://host/offer', 'host', 'http://user:secret@host/offer', 'http://'])(
    '%s is no target',
    async (url) => {
      const error = await dialWhip({ url }, { signal }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'bad-message' });
      expect(String(error)).not.toContain('secret');
    },
  );

  test('C9 a second offer, an answer, and candidates before the offer are refused where they are sent', async () => {
    await using server = await ScriptedServer.start(whip());
    await using signaler = await dial(server);
    await expect(signaler.send(candidate(HOST_CANDIDATE), { signal })).rejects.toMatchObject({
      code: 'invalid-state',
    });
    await signaler.send(offer, { signal });
    await expect(signaler.send(offer, { signal })).rejects.toMatchObject({ code: 'invalid-state' });
    await expect(signaler.send({ type: 'answer', sdp: answerSdp() }, { signal })).rejects.toMatchObject({
      code: 'invalid-state',
    });
  });

  test.each([307, 308])(
    'C5 S10 follows %i with the offer, and takes Location relative to where it ended',
    async (status) => {
      await using edge = await ScriptedServer.start(whip({ headers: { location: 'candidates/9' } }));
      await using server = await ScriptedServer.start((_request, response) => {
        response.writeHead(status, { location: `${edge.url}/deep/offer` }).end();
      });
      await using signaler = await dial(server, { token: 'tok' });
      await signaler.send(offer, { signal });
      await readAll(signaler);
      expect(edge.requests[0]).toMatchObject({ method: 'POST', body: offerSdp() });
      expect(edge.requests[0]?.headers.authorization).toBeUndefined();
      expect(signaler.sessionUrl).toBe(`${edge.url}/deep/candidates/9`);
    },
  );

  test('C5 takes a Location that is absolute as it is', async () => {
    const location = 'http://box.example:8080/s/2';
    await using server = await ScriptedServer.start(whip({ headers: { location } }));
    const signaler = await dial(server);
    await signaler.send(offer, { signal });
    await readAll(signaler);
    expect(signaler.sessionUrl).toBe(location);
  });

  test('S10 a redirect that turns the POST into a GET is an error that says so', async () => {
    await using server = await ScriptedServer.start((request, response) => {
      if (request.method === 'POST') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.writeHead(204).end();
    });
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    await expect(readAll(signaler)).rejects.toThrow(/redirected/);
  });

  test('S11 S14 C8 surfaces ice-servers, and passes over what else the Link headers say', async () => {
    const link =
      '<stun:stun.example.net>; rel=ice-server, <urn:x>; rel="urn:ietf:params:whip:ext:example:thing", ' +
      '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="1:a"; credential="a\\"b+/="; credential-type="password", ' +
      '<turn:other>; rel="ice-server"; credential-type="oauth", <http://no>; rel="ice-server"';
    await using server = await ScriptedServer.start(whip({ headers: { link } }));
    await using signaler = await dial(server);
    await signaler.send(offer, { signal });
    expect(signaler.iceServers).toEqual([]);
    await readAll(signaler);
    expect(signaler.iceServers).toEqual([
      { urls: ['stun:stun.example.net'] },
      { urls: ['turn:turn.example.net?transport=udp'], username: '1:a', credential: 'a"b+/=' },
    ]);
  });

  test('C6 sends the token with every request, and without one no Authorization', async () => {
    await using server = await ScriptedServer.start(whip());
    for (const target of [{ token: 'tok' }, {}]) {
      const signaler = await dial(server, target);
      await signaler.send(offer, { signal });
      await signaler.send(candidate(HOST_CANDIDATE), { signal });
      await readAll(signaler);
      await signaler.terminate({ signal });
    }
    const sent = server.requests.map(({ method, headers }) => [method, headers.authorization]);
    const methods = ['POST', 'PATCH', 'DELETE'];
    expect(sent).toEqual([
      ...methods.map((method) => [method, 'Bearer tok']),
      ...methods.map((method) => [method, undefined]),
    ]);
  });

  test('a token that no header may hold is refused without being shown', async () => {
    const error = await dialWhip({ url: 'http://127.0.0.1', token: 'sec\nret' }, { signal }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'bad-message' });
    expect(String(error)).not.toContain('ret\n');
  });
});
