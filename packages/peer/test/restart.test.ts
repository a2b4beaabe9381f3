import { answerRestart, restartIce } from '@ouro/negotiation';
import { SignalingError } from '@ouro/signaling';
import { expect, test } from 'vitest';
import { connectedPeers } from './support/peers.ts';
import { attribute, pairId } from './support/restart.ts';

const never = (): AbortSignal => new AbortController().signal;

test('a restart from either end resolves when another path is in use', async () => {
  await using peers = await connectedPeers();
  for (const [from, to] of [
    [peers.offerer, peers.answerer],
    [peers.answerer, peers.offerer],
  ] as const) {
    const before = pairId(from);
    await restartIce(from, (offer, options) => answerRestart(to, offer, options), { signal: never() });
    expect(pairId(from)).not.toBe(before);
  }
  const heard = new Promise((resolve) =>
    peers.far.addEventListener('message', ({ data }) => resolve(data), { once: true }),
  );
  peers.near.send('here');
  expect(await heard).toBe('here');
});

test('what the transport meets is told, and the path stays as it was', async () => {
  await using peers = await connectedPeers();
  const before = pairId(peers.offerer);
  const refused = async (): Promise<string> => {
    throw new SignalingError('refused', 'Nobody is there');
  };
  await expect(restartIce(peers.offerer, refused, { signal: never() })).rejects.toMatchObject({
    code: 'refused',
  });
  expect(peers.offerer).toMatchObject({ signalingState: 'stable', connectionState: 'connected' });
  expect(pairId(peers.offerer)).toBe(before);
  await restartIce(peers.offerer, (offer, options) => answerRestart(peers.answerer, offer, options), {
    signal: never(),
  });
});

test('an offer or an answer of somebody else is a fingerprint-mismatch', async () => {
  await using peers = await connectedPeers();
  const forge = (sdp: string): string => sdp.replace(/(a=fingerprint:sha-256 )..:../, '$100:01');
  const code = { code: 'fingerprint-mismatch' };
  const { offerer, answerer } = peers;
  await expect(
    restartIce(offerer, (offer, options) => answerRestart(answerer, forge(offer), options), {
      signal: never(),
    }),
  ).rejects.toMatchObject(code);
  await expect(
    restartIce(offerer, async (offer, options) => forge(await answerRestart(answerer, offer, options)), {
      signal: never(),
    }),
  ).rejects.toMatchObject(code);
  expect([offerer.signalingState, answerer.signalingState]).toEqual(['stable', 'stable']);
});

test('an answer that does not restart is bad-sdp; one that never comes runs out of time; an abort ends it', async () => {
  await using peers = await connectedPeers();
  const { offerer, answerer } = peers;
  const old = answerer.localDescription?.sdp ?? '';
  await expect(restartIce(offerer, async () => old, { signal: never() })).rejects.toMatchObject({
    code: 'bad-sdp',
  });
  const forever = (_offer: string, { signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  await expect(restartIce(offerer, forever, { signal: never(), timeoutMs: 30 })).rejects.toMatchObject({
    code: 'timeout',
  });
  await expect(restartIce(offerer, forever, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'aborted',
  });
  expect(offerer.signalingState).toBe('stable');
  expect(attribute(answerer, 'ice-ufrag')).not.toBe('');
});
