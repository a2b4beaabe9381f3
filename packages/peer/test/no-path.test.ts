import { iceFailed, pairsTried } from '@ouro/negotiation';
import { expect, test } from 'vitest';
import { loopbackPeer } from './support/peers.ts';

test('what a peer of ours has tried is told by the failure', async () => {
  await using offerer = await loopbackPeer();
  await using answerer = await loopbackPeer();
  offerer.createDataChannel('x');
  await offerer.setLocalDescription(await offerer.createOffer());
  await answerer.setRemoteDescription(await offerer.createOffer());
  await answerer.addIceCandidate({ candidate: 'candidate:1 1 udp 1 127.0.0.9 5000 typ host', sdpMid: '0' });
  await answerer.setLocalDescription(await answerer.createAnswer());
  const pairs = pairsTried(await iceFailed(answerer));
  expect(pairs).toContainEqual(expect.objectContaining({ remote: 'host udp 127.0.0.9:5000' }));
  for (const { local, state } of pairs) {
    expect(local).toMatch(/^host (?:udp|tcp) \S+:\d+$/);
    expect(['frozen', 'waiting', 'in-progress', 'failed', 'succeeded']).toContain(state);
  }
});
