import type { DataChannel } from '@ouro/sctp';
import type { ChannelPeer, DataChannelLike, PeerConnectionLike } from '@ouro/webrtc-types';
import { expect, expectTypeOf, test } from 'vitest';
import type { Peer } from '../src/index.ts';
import { loopbackPeer } from './support/peers.ts';

test("a browser's own classes fit the types of the W3C API, and so do ours", () => {
  expectTypeOf<RTCPeerConnection>().toExtend<PeerConnectionLike>();
  expectTypeOf<RTCDataChannel>().toExtend<DataChannelLike>();
  expectTypeOf<Peer>().toExtend<PeerConnectionLike>();
  expectTypeOf<Peer>().toExtend<ChannelPeer>();
  expectTypeOf<DataChannel>().toExtend<DataChannelLike>();
  expectTypeOf<Peer>().toExtend<AsyncDisposable>();
});

test('the states of a peer that is not used are those of the W3C', async () => {
  const peer = await loopbackPeer();
  expect(peer).toMatchObject({
    connectionState: 'new',
    iceConnectionState: 'new',
    iceGatheringState: 'new',
    signalingState: 'stable',
    localDescription: null,
    remoteDescription: null,
  });
  expect(peer.selectedPair()).toBeUndefined();
  expect(await peer.remoteFingerprint()).toBeUndefined();
  await peer[Symbol.asyncDispose]();
  expect(peer).toMatchObject({
    connectionState: 'closed',
    iceConnectionState: 'closed',
    signalingState: 'closed',
  });
});

test.for([
  ['createOffer', (peer: Peer) => peer.createOffer()],
  ['createAnswer', (peer: Peer) => peer.createAnswer()],
  ['setLocalDescription', (peer: Peer) => peer.setLocalDescription()],
  ['setRemoteDescription', (peer: Peer) => peer.setRemoteDescription({ type: 'offer', sdp: '' })],
  ['addIceCandidate', (peer: Peer) => peer.addIceCandidate()],
] as const)('%s of a closed peer rejects with InvalidStateError', async ([, call]) => {
  const peer = await loopbackPeer();
  peer.close();
  await expect(call(peer)).rejects.toMatchObject({ name: 'InvalidStateError' });
});

test('what comes in the wrong order is an InvalidStateError', async () => {
  await using peer = await loopbackPeer();
  const wrong = { name: 'InvalidStateError' };
  await expect(peer.createAnswer()).rejects.toMatchObject(wrong);
  await expect(peer.setLocalDescription({ type: 'answer', sdp: '' })).rejects.toMatchObject(wrong);
  await expect(peer.setRemoteDescription({ type: 'answer', sdp: '' })).rejects.toMatchObject(wrong);
  await expect(peer.addIceCandidate({ candidate: 'x', sdpMid: '0' })).rejects.toMatchObject(wrong);
  await peer.setLocalDescription(await peer.createOffer());
  await expect(peer.setLocalDescription(await peer.createOffer())).rejects.toMatchObject(wrong);
  await expect(peer.setRemoteDescription({ type: 'offer', sdp: '' })).rejects.toMatchObject(wrong);
});
