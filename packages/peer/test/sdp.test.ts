import { Identity } from '@ouro/fingerprint';
import { MAX_SDP_BYTES } from '@ouro/signaling';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPeer } from '../src/index.ts';
import { formatDescription, parseDescription } from '../src/sdp/index.ts';
import { loopbackPeer } from './support/peers.ts';

const FINGERPRINT = `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`;

const lines = (...text: string[]): string => text.map((line) => `${line}\r\n`).join('');
const OFFER = lines(
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE audio data',
  'a=ice-options:trickle',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
  'c=IN IP4 0.0.0.0',
  'a=mid:audio',
  'a=ice-ufrag:aaaa',
  'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa',
  `a=fingerprint:${FINGERPRINT}`,
  'a=setup:actpass',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host',
  'a=ice-ufrag:aaaa',
  'a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa',
  `a=fingerprint:${FINGERPRINT}`,
  'a=setup:actpass',
  'a=mid:data',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
);

test('an offer of a browser with other sections is read', () => {
  expect(parseDescription(OFFER)).toMatchObject({
    ufrag: 'aaaa',
    setup: 'actpass',
    mid: 'data',
    bundled: true,
    mLineIndex: 1,
    maxMessageBytes: 262_144,
    candidates: ['candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host'],
    endOfCandidates: false,
  });
});

test('its answer keeps every section in place and takes only the one for data channels', async () => {
  await using peer = await loopbackPeer();
  await peer.setRemoteDescription({ type: 'offer', sdp: OFFER });
  const answer = await peer.createAnswer();
  expect(answer.sdp).toMatch(/a=group:BUNDLE data\r\nm=audio 0 UDP\/TLS\/RTP\/SAVPF 111 63\r\n/);
  expect(answer.sdp).toContain(
    'a=mid:audio\r\na=inactive\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n',
  );
  expect(answer.sdp).toContain('a=setup:active\r\n');
  await peer.addIceCandidate({ candidate: 'candidate:1 1 udp 1 192.0.2.1 5000 typ host', sdpMid: 'audio' });
  expect((await peer.getStats()).has('remote-candidate udp  192.0.2.1 5000')).toBe(true);
});

test('our own descriptions: one sha-256 fingerprint, trickle, long credentials, no candidate that is not asked for', async () => {
  const identity = await Identity.generate();
  await using peer = await createPeer({ identity, iceServers: [], loopbackOnly: true });
  await peer.setLocalDescription(await peer.createOffer());
  const sdp = peer.localDescription?.sdp ?? '';
  expect(sdp.match(/a=fingerprint:.*/g)).toEqual([`a=fingerprint:${identity.fingerprint.sdp}`]);
  expect(sdp).toMatch(
    /a=ice-ufrag:[A-Za-z0-9+/]{8}\r\na=ice-pwd:[A-Za-z0-9+/]{24}\r\na=ice-options:trickle\r\n/,
  );
  expect(sdp).toContain('a=setup:actpass\r\n');
  expect(sdp).toContain('a=sctp-port:5000\r\na=max-message-size:262144\r\n');
  const addresses = [...sdp.matchAll(/a=candidate:\S+ 1 udp \d+ (\S+) /g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) expect(['127.0.0.1', '::1']).toContain(address);
  expect(parseDescription(sdp)).toMatchObject({ mid: '0', bundled: true, setup: 'actpass' });
});

test.for([
  ['is empty', ''],
  ['is no SDP', 'hello'],
  ['is too long', `v=0\r\n${'a=x\r\n'.repeat(MAX_SDP_BYTES / 4)}`],
  ['has no data channels', OFFER.replace('m=application 9', 'm=application 0')],
  ['has no ufrag', OFFER.replaceAll(/a=ice-ufrag:.*\r\n/g, '')],
  ['has a ufrag that cannot be', OFFER.replaceAll('ice-ufrag:aaaa', 'ice-ufrag:a b')],
  ['has a short password', OFFER.replaceAll(/ice-pwd:.*/g, 'ice-pwd:short')],
  ['has no setup', OFFER.replaceAll(/a=setup:.*\r\n/g, '')],
  ['has another SCTP port', OFFER.replace('sctp-port:5000', 'sctp-port:5001')],
  ['has a size that is no number', OFFER.replace('size:262144', 'size:many')],
  ['has too many sections', OFFER + 'm=audio 9 X 1\r\n'.repeat(100)],
])('a description that %s is refused with an OperationError', ([, sdp]) => {
  expect(() => parseDescription(sdp ?? '')).toThrow(expect.objectContaining({ name: 'OperationError' }));
});

test('a refusal never repeats a password', () => {
  const secret = 'S3cretS3cretS3cretS3cret';
  try {
    parseDescription(OFFER.replaceAll(/ice-pwd:.*/g, `ice-pwd:${secret} \u0001`));
  } catch (error) {
    expect(String(error)).not.toContain('S3cret');
  }
});

test('no text makes the reader throw anything but an OperationError', () => {
  const parts = OFFER.split('\r\n');
  const mixed = fc
    .array(
      fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 12 }), fc.constant('a=max-message-size:-1')),
      {
        maxLength: 40,
      },
    )
    .map((some) => ['v=0', ...some].join('\r\n'));
  fc.assert(
    fc.property(mixed, (sdp) => {
      try {
        parseDescription(sdp);
      } catch (error) {
        expect(error).toMatchObject({ name: 'OperationError' });
      }
    }),
    { numRuns: 10_000 },
  );
});

test('what is written is read back', () => {
  const local = {
    sessionId: '1',
    version: 1,
    ufrag: 'abcdefgh',
    pwd: 'p'.repeat(24),
    fingerprint: FINGERPRINT,
    setup: 'passive',
    mid: 'x',
    bundled: true,
    candidates: ['candidate:1 1 udp 1 192.0.2.1 5000 typ host'],
    endOfCandidates: true,
  } as const;
  const { ufrag, pwd, setup, mid, bundled, candidates, endOfCandidates } = local;
  const expected = { ufrag, pwd, setup, mid, bundled, candidates, endOfCandidates, maxMessageBytes: 262_144 };
  expect(parseDescription(formatDescription(local))).toMatchObject(expected);
});
