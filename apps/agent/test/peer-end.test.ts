import type { PeerConnectionLike } from '@ouro/webrtc-types';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { untilPeerEnds } from '../src/daemon/peer-end.ts';

type State = Pick<PeerConnectionLike, 'connectionState' | 'iceConnectionState'>;

/** A peer whose state a test sets. */
class States extends EventTarget {
  connectionState: State['connectionState'] = 'connected';
  iceConnectionState: State['iceConnectionState'] = 'connected';

  become(connectionState: State['connectionState'], ice: State['iceConnectionState']): void {
    this.connectionState = connectionState;
    this.iceConnectionState = ice;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(peer: States, restartable: boolean, signal = new AbortController().signal) {
  const over = vi.fn();
  const options = { failed: 60_000, restartable };
  const ended = untilPeerEnds(peer, new Promise(() => undefined), options, { signal }).then(over);
  return { over, ended };
}

test('a path that has failed may come back within the limit, if the client can restart ICE', async () => {
  const peer = new States();
  const { over } = watch(peer, true);
  peer.become('disconnected', 'disconnected');
  peer.become('failed', 'failed');
  await vi.advanceTimersByTimeAsync(59_000);
  peer.become('connecting', 'checking');
  peer.become('connected', 'connected');
  await vi.advanceTimersByTimeAsync(120_000);
  expect(over).not.toHaveBeenCalled();
  peer.become('failed', 'failed');
  peer.become('connecting', 'checking');
  peer.become('failed', 'failed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(over).toHaveBeenCalledWith('lost');
});

test.for([
  ['failed', 'failed', false, 'failed'],
  ['failed', 'connected', true, 'failed'],
  ['closed', 'closed', true, 'closed'],
] as const)('%s with ICE %s, restartable %s: ends as %s', async ([state, ice, restartable, why]) => {
  const peer = new States();
  const { over, ended } = watch(peer, restartable);
  peer.become(state, ice);
  await ended;
  expect(over).toHaveBeenCalledWith(why);
  expect(vi.getTimerCount()).toBe(0);
});
