import { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { expect, test } from 'vitest';
import { createPeer } from '../src/index.ts';
import { linkedSignalers } from './support/pair.ts';

test.for(['both', 'offerer', 'none'] as const)('two peers connect when %s may trickle', async (trickle) => {
  const [here, there] = await Promise.all([Identity.generate(), Identity.generate()]);
  const options = { iceServers: [], loopbackOnly: true };
  await using offerer = await createPeer({ identity: here, ...options });
  await using answerer = await createPeer({ identity: there, ...options });
  const [a, b] = linkedSignalers(trickle);
  const signal = AbortSignal.timeout(5000);
  const channel = offerer.createDataChannel('%');
  const incoming = Promise.withResolvers<string>();
  answerer.addEventListener('datachannel', ({ channel: c }) => incoming.resolve(c.label));
  const phases: string[] = [];
  const [mine, theirs] = await Promise.all([
    negotiate(offerer, a, { role: 'offerer', signal, onPhase: (p) => phases.push(p) }),
    negotiate(answerer, b, { role: 'answerer', signal, authorize: async () => {} }),
  ]);
  expect(mine.remoteFingerprint.compact).toBe(there.fingerprint.compact);
  expect(theirs.remoteFingerprint.compact).toBe(here.fingerprint.compact);
  expect(mine.localFingerprint.compact).toBe(here.fingerprint.compact);
  expect(await incoming.promise).toBe('%');
  expect(phases).toEqual(['gathering', 'signaling', 'ice', 'dtls', 'connected']);
  channel.close();
});
