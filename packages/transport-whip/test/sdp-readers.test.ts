import { candidatesOf, hasEndOfCandidates, iceCredentialsOf, midOf, setupOf } from '@ouro/signaling';
import { describedPeers } from '@ouro/test-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSdpFragment, readDescription } from '../src/index.ts';

test('a description is read as signaling reads it, however it is written', () => {
  fc.assert(
    fc.property(describedPeers(), ({ sdp, usernameFragment, password, setup, mid, candidates }) => {
      const read = readDescription(sdp);
      expect(read.credentials).toEqual({ usernameFragment, password });
      expect(read.credentials).toEqual(iceCredentialsOf(sdp));
      expect(read.setup).toEqual([setup]);
      expect(setupOf(sdp)).toBe(setup);
      expect(read.media.map((section) => section.mid)).toEqual([mid]);
      expect(midOf(sdp)).toBe(mid);
      expect(read.media[0]?.candidates.map(({ text }) => text)).toEqual(candidates);
      expect(candidatesOf(sdp).map(({ candidate }) => candidate)).toEqual(candidates);
      const ended = read.endOfCandidates || read.media.every((section) => section.endOfCandidates);
      expect(ended).toBe(hasEndOfCandidates(sdp));
    }),
    { numRuns: 2000 },
  );
});

test('of a mid that is said twice the first counts, as in every reader', () => {
  const text = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\na=mid:1\r\n';
  expect(decodeSdpFragment(new TextEncoder().encode(text)).media[0]?.mid).toBe('0');
  expect(midOf(text)).toBe('0');
});
