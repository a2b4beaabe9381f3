import { Identity } from '@ouro/fingerprint';
import { type NegotiatePhase, negotiate, presentedFingerprint } from '@ouro/negotiation';
import { SignalingError } from '@ouro/signaling';
import { expect, test } from 'vitest';
import { linkedSignalers } from './support/pair.ts';
import { connectedPeers, loopbackPeer } from './support/peers.ts';

/** How the negotiation of an end went whose other end closed its peer, and said nothing, in this phase. */
async function afterCloseIn(
  closes: NegotiatePhase,
  role: 'offerer' | 'answerer',
): Promise<SignalingError | undefined> {
  const [leaving, staying] = await Promise.all([loopbackPeer(), loopbackPeer({ consentTimeoutMs: 1000 })]);
  const [a, b] = linkedSignalers('none');
  const signal = AbortSignal.timeout(20_000);
  // The connection is what goes, not the conversation: as with a program that was killed.
  a.close = async () => {};
  const authorize = async (): Promise<void> => {};
  const onPhase = (phase: NegotiatePhase): void => {
    if (phase === closes) leaving.close();
  };
  const offerer = role === 'offerer' ? staying : leaving;
  offerer.createDataChannel('%');
  const results = await Promise.allSettled([
    negotiate(leaving, a, { role: leaving === offerer ? 'offerer' : 'answerer', signal, authorize, onPhase }),
    negotiate(staying, b, { role, signal, authorize }),
  ]);
  const [, result] = results;
  staying.close();
  return result.status === 'rejected' ? SignalingError.from(result.reason) : undefined;
}

test.for(['answerer', 'offerer'] as const)(
  'an end that closes in the encrypted handshake is lost to the %s, and no impostor',
  async (role) => {
    const error = await afterCloseIn('dtls', role);
    expect(error).toMatchObject({ code: 'lost', message: expect.not.stringMatching(/in between/) });
  },
);

test('an end whose certificate cannot be seen any more is gone, and no impostor', async () => {
  await using pair = await connectedPeers();
  const { fingerprint } = await Identity.generate();
  pair.offerer.close();
  await expect(presentedFingerprint(pair.offerer, fingerprint)).rejects.toMatchObject({ code: 'lost' });
});
