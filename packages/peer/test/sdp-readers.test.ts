import { fingerprintFromSdp } from '@ouro/fingerprint/fingerprint';
import {
  candidatesOf,
  fingerprintLinesOf,
  hasEndOfCandidates,
  iceCredentialsOf,
  midOf,
  setupOf,
} from '@ouro/signaling';
import { describedPeers } from '@ouro/test-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDescription } from '../src/sdp/index.ts';

test('a description is read as signaling reads it, however it is written', () => {
  fc.assert(
    fc.property(describedPeers(), ({ sdp, ...said }) => {
      const read = parseDescription(sdp);
      const { usernameFragment, password, setup, mid, candidates, endOfCandidates } = said;
      expect(read).toMatchObject({ setup, mid, candidates, endOfCandidates, ufrag: usernameFragment });
      expect(read.pwd).toBe(password);
      expect(iceCredentialsOf(sdp)).toEqual({ usernameFragment, password });
      expect([setupOf(sdp), midOf(sdp), hasEndOfCandidates(sdp)]).toEqual([setup, mid, endOfCandidates]);
      expect(candidatesOf(sdp).map(({ candidate }) => candidate)).toEqual(candidates);
    }),
    { numRuns: 2000 },
  );
});

test('the fingerprint that is checked is the one that is read, however it is written', () => {
  fc.assert(
    fc.property(describedPeers(), ({ sdp, fingerprint }) => {
      expect(fingerprintFromSdp(sdp).sdp).toBe(fingerprint);
      expect(fingerprintLinesOf(sdp)).toEqual([fingerprint]);
    }),
    { numRuns: 500 },
  );
});

test('a carriage return alone ends no line: what stands behind it is no attribute for any reader', () => {
  const line = (byte: string) => `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => byte).join(':')}`;
  const sdp = `v=0\r\n${line('AA')}\r\na=x:1\r${line('BB')}\r\n`;
  expect(fingerprintFromSdp(sdp).sdp).toBe(line('AA').slice('a=fingerprint:'.length));
  expect(fingerprintLinesOf(sdp)).toHaveLength(1);
});
