import { SignalingError } from '@ouro/signaling';
import type { PeerConnectionLike } from '@ouro/webrtc-types';
import { expect, test } from 'vitest';
import { formatPairTried, iceFailed, NoPathError, pairsTried } from '../src/index.ts';

/** A peer with these W3C stats. */
const peerWith = (stats: readonly (readonly [string, object])[]): PeerConnectionLike =>
  ({ getStats: async () => new Map(stats) }) as unknown as PeerConnectionLike;

const PAIR = {
  local: 'host udp 192.0.2.1:5000',
  remote: 'srflx udp 198.51.100.1:6000',
  state: 'failed',
};

const STATS = [
  ['p', { type: 'candidate-pair', state: 'failed', localCandidateId: 'l', remoteCandidateId: 'r' }],
  [
    'l',
    { type: 'local-candidate', candidateType: 'host', protocol: 'udp', address: '192.0.2.1', port: 5000 },
  ],
  [
    'r',
    { type: 'remote-candidate', candidateType: 'srflx', protocol: 'udp', ip: '198.51.100.1', port: 6000 },
  ],
  ['t', { type: 'transport' }],
] as const;

test('a failure of ICE has the pairs that were tried as data', async () => {
  const error = await iceFailed(peerWith(STATS));
  expect(error.code).toBe('ice-failed');
  expect(error.cause).toBeInstanceOf(NoPathError);
  expect(error.cause).toMatchObject({ name: 'NoPathError', code: 'no-path', pairs: [PAIR] });
  expect(pairsTried(error).map(formatPairTried)).toEqual([
    'host udp 192.0.2.1:5000 -> srflx udp 198.51.100.1:6000: failed',
  ]);
});

test('names twenty pairs and no more', async () => {
  const many = Array.from(
    { length: 30 },
    (_, at) => [`p${at}`, { type: 'candidate-pair', state: 'waiting' }] as const,
  );
  expect(pairsTried(await iceFailed(peerWith(many)))).toHaveLength(20);
});

test('a peer that is closed and tells nothing fails the same way', async () => {
  const closed = { getStats: () => Promise.reject(new Error('closed')) } as unknown as PeerConnectionLike;
  const error = await iceFailed(closed);
  expect([error.code, pairsTried(error)]).toEqual(['ice-failed', []]);
});

test('the pairs are found under other errors, and nothing where there are none', () => {
  const cause = new NoPathError([PAIR]);
  expect(pairsTried(new Error('outer', { cause: new SignalingError('ice-failed', 'x', { cause }) }))).toEqual(
    [PAIR],
  );
  expect(pairsTried(new SignalingError('ice-failed', 'a; b; c'))).toEqual([]);
  expect(pairsTried({ pairs: [PAIR] })).toEqual([]);
  const loop = new Error('of itself');
  loop.cause = loop;
  expect(pairsTried(loop)).toEqual([]);
});
