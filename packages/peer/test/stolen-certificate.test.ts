import { Identity } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { expect, test } from 'vitest';
import { RTCPeerConnection } from 'werift';
import type { Peer } from '../src/index.ts';
import { linkedSignalers } from './support/pair.ts';
import { loopbackPeer } from './support/peers.ts';

/**
 * A client that has seen the certificate of one who may connect, which DTLS 1.2 shows in clear (RFC 5246 section 7.4.2),
 * and has a key of its own.
 */
async function thief(): Promise<Identity> {
  const [victim, own] = await Promise.all([Identity.generate(), Identity.generate()]);
  return Object.create(victim, { privateKeyPem: { value: own.privateKeyPem } });
}

/** A DTLS server of werift that offers a channel, and what became of it: the first text, or how the connection ended. */
function weriftServer(): { server: RTCPeerConnection; outcome: Promise<string> } {
  const server = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
  });
  const { promise: outcome, resolve } = Promise.withResolvers<string>();
  server.createDataChannel('x').onMessage.subscribe((data) => resolve(`was told: ${data}`));
  server.connectionStateChange.subscribe((state) => {
    if (state === 'failed' || state === 'closed') resolve(`refused: ${state}`);
  });
  return { server, outcome };
}

/** Answers the offer of `server`, as DTLS client (RFC 8842 section 5.3). */
async function answer(client: Peer, server: RTCPeerConnection): Promise<void> {
  server.onIceCandidate.subscribe((found) => {
    if (found?.candidate && client.remoteDescription) {
      void client.addIceCandidate({ candidate: found.candidate, sdpMid: '0', sdpMLineIndex: 0 });
    }
  });
  await server.setLocalDescription(await server.createOffer());
  await client.setRemoteDescription({ type: 'offer', sdp: server.localDescription?.sdp ?? '' });
  await client.setLocalDescription(await client.createAnswer());
  while (client.iceGatheringState !== 'complete') {
    await new Promise((resolve) =>
      client.addEventListener('icegatheringstatechange', resolve, { once: true }),
    );
  }
  const sdp = client.localDescription?.sdp ?? '';
  expect(sdp).toContain('a=setup:active');
  await server.setRemoteDescription({ type: 'answer', sdp });
}

// The reason for a DTLS of our own (docs/decisions/own-stack.md). The day this fails, werift checks the proof of the key.
test('werift lets in a client with the certificate of another and not its key', async () => {
  const { server, outcome } = weriftServer();
  try {
    await using client = await loopbackPeer({ identity: await thief() });
    client.addEventListener('datachannel', ({ channel }) => {
      channel.addEventListener('open', () => channel.send('I am the victim'));
      if (channel.readyState === 'open') channel.send('I am the victim');
    });
    await answer(client, server);
    expect(await outcome).toBe('was told: I am the victim');
  } finally {
    await server.close();
  }
});

test('a peer of ours refuses the same client', async () => {
  await using client = await loopbackPeer({ identity: await thief() });
  await using server = await loopbackPeer({ identity: await Identity.generate() });
  const [near, far] = linkedSignalers();
  const signal = AbortSignal.timeout(10_000);
  server.createDataChannel('x');
  const [, refusal] = await Promise.allSettled([
    negotiate(client, near, { role: 'answerer', signal, authorize: async () => {} }),
    negotiate(server, far, { role: 'offerer', signal }),
  ]);
  expect(refusal).toMatchObject({ status: 'rejected', reason: { code: 'fingerprint-mismatch' } });
  expect(server.connectionState).not.toBe('connected');
});
