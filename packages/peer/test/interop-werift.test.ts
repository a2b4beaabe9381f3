import { Identity } from '@ouro/fingerprint';
import { expect, test } from 'vitest';
import { RTCPeerConnection } from 'werift';
import { createPeer, type Peer } from '../src/index.ts';

/** Another implementation, as it comes, on loopback. */
function foreignPeer(): RTCPeerConnection {
  return new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
  });
}

async function ourPeer(): Promise<Peer> {
  return createPeer({ identity: await Identity.generate(), iceServers: [], loopbackOnly: true });
}

/** Adds what the other finds after its description was taken. */
function trickle(ours: Peer, theirs: RTCPeerConnection): void {
  theirs.onIceCandidate.subscribe((found) => {
    if (found?.candidate && ours.remoteDescription) {
      void ours.addIceCandidate({ candidate: found.candidate, sdpMid: '0', sdpMLineIndex: 0 });
    }
  });
}

async function gathered(peer: Peer): Promise<void> {
  if (peer.iceGatheringState === 'complete') return;
  await new Promise<void>((resolve) => {
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState === 'complete') resolve();
    });
  });
}

test('offers to another implementation, and echoes through it', async () => {
  await using ours = await ourPeer();
  const theirs = foreignPeer();
  trickle(ours, theirs);
  theirs.onDataChannel.subscribe((channel) => channel.onMessage.subscribe((data) => channel.send(data)));
  const channel = ours.createDataChannel('ächo');
  const echoed = Promise.withResolvers<unknown>();
  channel.addEventListener('message', ({ data }) => echoed.resolve(data));
  channel.addEventListener('open', () => channel.send('hello'));
  await ours.setLocalDescription(await ours.createOffer());
  await gathered(ours);
  await theirs.setRemoteDescription({ type: 'offer', sdp: ours.localDescription?.sdp ?? '' });
  const answer = await theirs.setLocalDescription(await theirs.createAnswer());
  await ours.setRemoteDescription({ type: 'answer', sdp: answer.toSdp().sdp });
  expect(await echoed.promise).toBe('hello');
  expect(ours.connectionState).toBe('connected');
  await theirs.close();
});

test('answers another implementation, and its channel carries both kinds of messages', async () => {
  await using ours = await ourPeer();
  const theirs = foreignPeer();
  trickle(ours, theirs);
  ours.addEventListener('datachannel', ({ channel }) => {
    channel.addEventListener('message', ({ data }) =>
      channel.send(typeof data === 'string' ? data : new Uint8Array(data)),
    );
  });
  const channel = theirs.createDataChannel('echo');
  const got: unknown[] = [];
  const both = Promise.withResolvers<void>();
  channel.onMessage.subscribe((data) => {
    got.push(data);
    if (got.length === 2) both.resolve();
  });
  channel.stateChanged.subscribe((state) => {
    if (state !== 'open') return;
    channel.send('text');
    channel.send(Buffer.from([1, 2, 3]));
  });
  await theirs.setLocalDescription(await theirs.createOffer());
  await ours.setRemoteDescription({ type: 'offer', sdp: theirs.localDescription?.sdp ?? '' });
  await ours.setLocalDescription(await ours.createAnswer());
  await gathered(ours);
  await theirs.setRemoteDescription({ type: 'answer', sdp: ours.localDescription?.sdp ?? '' });
  await both.promise;
  expect(got).toEqual(['text', Buffer.from([1, 2, 3])]);
  await theirs.close();
});
