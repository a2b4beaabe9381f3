import type { Description, PeerConnectionLike } from '@ouro/webrtc-types';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gathered } from '../src/gather.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** As much of a peer as gathering needs. */
class Gathering extends EventTarget {
  iceGatheringState: 'gathering' | 'complete' = 'gathering';
  localDescription: Description = { type: 'offer', sdp: 'v=0\r\n' };

  found(): void {
    this.localDescription = { type: 'offer', sdp: `${this.localDescription.sdp}a=candidate:1\r\n` };
    this.dispatchEvent(new Event('icecandidate'));
  }

  complete(): void {
    this.iceGatheringState = 'complete';
    this.dispatchEvent(new Event('icegatheringstatechange'));
  }
}

function start(peer: Gathering, signal = new AbortController().signal): () => string {
  let state = 'waiting';
  gathered(peer as unknown as PeerConnectionLike, { timeoutMs: 500, signal }).then(
    () => {
      state = 'done';
    },
    () => {
      state = 'aborted';
    },
  );
  return () => state;
}

test('waits for all candidates, but not long once there is one: a dead server holds up nothing', async () => {
  const peer = new Gathering();
  const state = start(peer);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state()).toBe('waiting');
  peer.found();
  await vi.advanceTimersByTimeAsync(499);
  expect(state()).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1);
  expect(state()).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});

test('is done at once when all are there, and leaves no timer', async () => {
  const peer = new Gathering();
  const state = start(peer);
  peer.found();
  peer.complete();
  await vi.advanceTimersByTimeAsync(0);
  expect(state()).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});

test('an abort ends it', async () => {
  const peer = new Gathering();
  const controller = new AbortController();
  const state = start(peer, controller.signal);
  peer.found();
  controller.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(state()).toBe('aborted');
  expect(vi.getTimerCount()).toBe(0);
});
