import { NoPathError } from '@ouro/negotiation';
import { SignalingError } from '@ouro/signaling';
import { expect, test } from 'vitest';
import { failureFields } from '../src/daemon/failure-fields.ts';

test('the log of a failed ICE names the pairs that were tried', () => {
  const cause = new NoPathError([
    { local: 'host udp 192.0.2.1:5000', remote: 'host udp 198.51.100.1:6000', state: 'failed' },
  ]);
  expect(failureFields(new SignalingError('ice-failed', 'No path', { cause }))).toEqual({
    code: 'ice-failed',
    reason: 'No path',
    pairs: ['host udp 192.0.2.1:5000 -> host udp 198.51.100.1:6000: failed'],
  });
});

test('any other failure has its code and reason alone', () => {
  expect(failureFields(new SignalingError('closed', 'Over'))).toEqual({ code: 'closed', reason: 'Over' });
});
