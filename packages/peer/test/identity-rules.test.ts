import { createHash, X509Certificate } from 'node:crypto';
import { type Fingerprint, FingerprintError, fingerprintFromSdp, Identity } from '@ouro/fingerprint';
import { answerRestart, negotiate, restartIce } from '@ouro/negotiation';
import { expect, test } from 'vitest';
import { linkedSignalers } from './support/pair.ts';
import { connectedPeers, loopbackPeer } from './support/peers.ts';

const never = (): AbortSignal => new AbortController().signal;

async function offerOf(identity: Identity): Promise<string> {
  await using peer = await loopbackPeer({ identity });
  return (await peer.createOffer()).sdp ?? '';
}

const fingerprintLines = (sdp: string): string[] => sdp.match(/^a=fingerprint:.*$/gm) ?? [];

test('P1: the line is sha-256 of the whole certificate, upper case with colons; others may write it in any case', async () => {
  const identity = await Identity.generate();
  const digest = createHash('sha256').update(new X509Certificate(identity.certificatePem).raw).digest('hex');
  const value = digest.toUpperCase().replaceAll(/..(?!$)/g, '$&:');
  const sdp = await offerOf(identity);
  expect(fingerprintLines(sdp).map((line) => line.trim())).toEqual([`a=fingerprint:sha-256 ${value}`]);
  for (const other of [sdp.replace('sha-256', 'SHA-256'), sdp.replace(value, value.toLowerCase())]) {
    expect(fingerprintFromSdp(other).equals(identity.fingerprint)).toBe(true);
  }
  expect(() => fingerprintFromSdp(sdp.replace(/sha-256 .*/, 'md5 AA:BB'))).toThrow(FingerprintError);
});

test('P2: exactly one line of ours; two of theirs that differ are refused', async () => {
  const sdp = await offerOf(await Identity.generate());
  const [line = ''] = fingerprintLines(sdp);
  expect(fingerprintLines(sdp)).toHaveLength(1);
  const twice = `${sdp}a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}\r\n`;
  expect(() => fingerprintFromSdp(twice)).toThrow(
    expect.objectContaining({ code: 'conflicting-fingerprints' }),
  );
  expect(fingerprintFromSdp(`${sdp}${line}\r\n`).sdp).toBe(fingerprintFromSdp(sdp).sdp);
});

test('P4: the offer is actpass, the answer active, whoever dials; an ICE restart keeps DTLS and what runs over it', async () => {
  await using peers = await connectedPeers();
  expect(peers.offerer.localDescription?.sdp).toContain('a=setup:actpass\r\n');
  expect(peers.answerer.localDescription?.sdp).toContain('a=setup:active\r\n');
  const channelId = peers.near.id;
  await restartIce(peers.offerer, (offer, options) => answerRestart(peers.answerer, offer, options), {
    signal: never(),
  });
  expect(peers.near).toMatchObject({ id: channelId, readyState: 'open' });
  const heard = new Promise((resolve) =>
    peers.far.addEventListener('message', ({ data }) => resolve(data), { once: true }),
  );
  peers.near.send('still here');
  expect(await heard).toBe('still here');
});

test('P5: a certificate past its date is who it is: the fingerprint counts, not the calendar', async () => {
  const expired = await Identity.generate({ notBefore: new Date('2001-01-01') });
  expect(new X509Certificate(expired.certificatePem).validToDate.getTime()).toBeLessThan(Date.now());
  await using peers = await connectedPeers({}, await loopbackPeer({ identity: expired }));
  expect((await peers.answerer.remoteFingerprint())?.equals(expired.fingerprint)).toBe(true);
});

test('P6: a transport that puts its own fingerprint into both descriptions is found out by a pin', async () => {
  const [host, middle] = await Promise.all([Identity.generate(), Identity.generate()]);
  const [client, impostor] = await Promise.all([loopbackPeer(), loopbackPeer({ identity: middle })]);
  const [a, b] = linkedSignalers();
  const signal = AbortSignal.timeout(10_000);
  const ends = await Promise.allSettled([
    negotiate(client, a, { role: 'offerer', signal, expectedFingerprint: host.fingerprint }),
    negotiate(impostor, b, { role: 'answerer', signal, authorize: async () => {} }),
  ]);
  expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual([
    'fingerprint-mismatch',
    'fingerprint-mismatch',
  ]);
  client.close();
  impostor.close();
});

test('P6: a transport that rewrites the fingerprint without the key to it connects nobody', async () => {
  const [a, b] = linkedSignalers();
  const lie = (await Identity.generate()).fingerprint;
  const [offerer, answerer] = await Promise.all([loopbackPeer(), loopbackPeer()]);
  const send = b.send.bind(b);
  b.send = (signal) =>
    send(signal.type === 'answer' ? { ...signal, sdp: rewritten(signal.sdp, lie) } : signal);
  const signal = AbortSignal.timeout(10_000);
  const ends = await Promise.allSettled([
    negotiate(offerer, a, { role: 'offerer', signal }),
    negotiate(answerer, b, { role: 'answerer', signal, authorize: async () => {} }),
  ]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  offerer.close();
  answerer.close();
});

const rewritten = (sdp: string, { sdp: value }: Fingerprint): string =>
  sdp.replace(/^a=fingerprint:.*$/m, `a=fingerprint:${value}`);
