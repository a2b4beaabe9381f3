import { BearerAuthorizer, Fingerprint } from '@ouro/fingerprint';
import type { Signal, Signaler } from '@ouro/signaling';
import { SignalingError } from '@ouro/signaling';
import { describe, expect, test } from 'vitest';
import { dialWhip } from '../src/index.ts';
import { offer, readAll, signal } from './support/client.ts';
import { answerSdp, FINGERPRINT, HOST_CANDIDATE, offerSdp, SRFLX_CANDIDATE, UFRAG } from './support/sdp.ts';
import { type Accepted, TestServer } from './support/server.ts';

const STRANGER = '5E'.repeat(32);

async function connect(server: TestServer, token?: string) {
  const target = { url: server.url, ...(token === undefined ? {} : { token }) };
  const client = await dialWhip(target, { signal });
  await client.send(offer, { signal });
  await readAll(client);
  return { client, accepted: await server.next() };
}

/** What the host reads after the offer, to the end. */
async function rest({ signaler }: Accepted): Promise<Signal[]> {
  const signals: Signal[] = [];
  for await (const each of signaler as Signaler) if (each.type !== 'offer') signals.push(each);
  return signals;
}

describe('our client and our server', () => {
  test('terminate ends the session and the signals at the host, in order', async () => {
    await using server = await TestServer.start();
    const { client, accepted } = await connect(server);
    await client.terminate({ signal });
    expect(await rest(accepted)).toEqual([]);
    expect(accepted.context.session.ended.reason).toMatchObject({ code: 'closed' });
    expect(server.sessions.size).toBe(0);
  });

  test('close with a reason ends the session too; without one it lives on', async () => {
    await using server = await TestServer.start();
    const failed = await connect(server);
    await failed.client.close(new SignalingError('ice-failed', 'No path'));
    expect(server.sessions.size).toBe(0);
    const { client, accepted } = await connect(server);
    accepted.context.session.connected();
    await client.close();
    expect(server.sessions.size).toBe(1);
    expect(accepted.context.session.ended.aborted).toBe(false);
  });

  test('ICE restart, all the way: the host sees an offer, the client gets an answer, candidates trickle on', async () => {
    await using server = await TestServer.start();
    const { client, accepted } = await connect(server);
    const { session } = accepted.context;
    session.connected();
    await client.close();
    const heard: Signal[] = [];
    const ended = Promise.withResolvers<void>();
    session.onRestart(async ({ offer: renewed, candidates }) => {
      expect(renewed.sdp).toContain(`a=${HOST_CANDIDATE}`);
      const reading = async () => {
        for await (const each of candidates) {
          heard.push(each);
          if (each.type === 'end-of-candidates') return;
        }
      };
      reading().then(ended.resolve, ended.reject);
      return { type: 'answer', sdp: answerSdp({ ufrag: 'SrvN', password: 'n'.repeat(24) }) };
    });
    const sdp = offerSdp({ ufrag: 'newU', password: 'p'.repeat(24), candidates: [HOST_CANDIDATE] });
    const answer = await client.restart({ type: 'offer', sdp }, { signal });
    expect(answer.sdp).toBe(
      answerSdp({ ufrag: 'SrvN', password: 'n'.repeat(24) }).replace('336 2 IN', '336 3 IN'),
    );
    const late = {
      type: 'candidate',
      candidate: SRFLX_CANDIDATE,
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: 'newU',
    } as const;
    await client.send(late, { signal });
    await client.send({ type: 'end-of-candidates', usernameFragment: 'newU' }, { signal });
    await ended.promise;
    expect(heard).toEqual([late, { type: 'end-of-candidates', usernameFragment: 'newU' }]);
  });

  test('S25 without a handler the restart fails as unprocessable, and trickle of the old generation goes on', async () => {
    await using server = await TestServer.start();
    const { client } = await connect(server);
    const sdp = offerSdp({ ufrag: 'newU', password: 'p'.repeat(24) });
    await expect(client.restart({ type: 'offer', sdp }, { signal })).rejects.toMatchObject({
      code: 'unprocessable',
    });
  });

  test('a stranger is told its own fingerprint', async () => {
    await using server = await TestServer.start();
    await using client = await dialWhip({ url: server.url }, { signal });
    await client.send({ type: 'offer', sdp: offerSdp({ fingerprint: STRANGER }) }, { signal });
    await expect(readAll(client)).rejects.toMatchObject({ code: 'unauthorized', fingerprint: STRANGER });
  });

  test('C6 S12 with a token from POST to DELETE', async () => {
    const token = 'x'.repeat(30);
    await using server = await TestServer.start({ authorizer: new BearerAuthorizer([{ token }]) });
    const { client, accepted } = await connect(server, token);
    const candidate = {
      type: 'candidate',
      candidate: HOST_CANDIDATE,
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: UFRAG,
    } as const;
    await client.send(candidate, { signal });
    await client.close();
    await client.terminate({ signal });
    expect(await rest(accepted)).toEqual([candidate]);
  });

  test('the fingerprint that was authorized is the only one that negotiate may go on with', async () => {
    await using server = await TestServer.start();
    const { accepted } = await connect(server);
    const { authorize, fingerprint } = accepted.context;
    expect(fingerprint.compact).toBe(FINGERPRINT);
    await authorize(fingerprint);
    await expect(authorize(Fingerprint.parse(STRANGER))).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
