import { Identity } from '@ouro/fingerprint';
import { type IceSocketSource, udpSockets } from '@ouro/ice';
import { expect, test } from 'vitest';
import { createPeer } from '../src/index.ts';

const MESSAGE_BYTES = 64 * 1024;
/** What a browser takes in one DTLS record, with its header. */
const BROWSER_RECORD_BYTES = 2048;

/** Sockets of the loopback address that say how large each datagram is. */
function measured(onBytes: (bytes: number) => void): IceSocketSource {
  const source = udpSockets(['127.0.0.1']);
  return {
    open: (user, onSocket) =>
      source.open(user, (socket) => {
        const send = socket.send.bind(socket);
        socket.send = (datagram, to) => {
          onBytes(datagram.length);
          send(datagram, to);
        };
        onSocket(socket);
      }),
  };
}

/** The size of the largest datagram that carries one message from a peer to another whose description is changed. */
async function largestDatagram(change: (sdp: string) => string): Promise<number> {
  let largest = 0;
  const socket = measured((bytes) => {
    largest = Math.max(largest, bytes);
  });
  const [here, there] = await Promise.all([Identity.generate(), Identity.generate()]);
  await using sender = await createPeer({ identity: here, iceServers: [], iceSockets: [socket] });
  await using receiver = await createPeer({ identity: there, iceServers: [], loopbackOnly: true });
  const received = Promise.withResolvers<number>();
  receiver.addEventListener('datachannel', ({ channel }) =>
    channel.addEventListener('message', ({ data }) =>
      received.resolve(typeof data === 'string' ? 0 : data.byteLength),
    ),
  );
  const channel = sender.createDataChannel('x');
  channel.addEventListener('open', () => channel.send(new Uint8Array(MESSAGE_BYTES)));
  await sender.setLocalDescription(await sender.createOffer());
  await receiver.setRemoteDescription({ type: 'offer', sdp: sender.localDescription?.sdp ?? '' });
  await receiver.setLocalDescription(await receiver.createAnswer());
  await sender.setRemoteDescription({ type: 'answer', sdp: change(receiver.localDescription?.sdp ?? '') });
  expect(await received.promise).toBe(MESSAGE_BYTES);
  return largest;
}

test('sends large packets on loopback to a peer that says it takes them', async () => {
  expect(await largestDatagram((sdp) => sdp)).toBeGreaterThan(15_000);
});

test.each([
  ['does not say what it takes', (sdp: string) => sdp.replace(/a=ouro-max-packet-size:.*\r\n/, '')],
  ['says less than what every path carries', (sdp: string) => sdp.replace(/(packet-size:).*/, '$1100')],
] as const)('sends packets that a browser takes when the far end %s', async (_, change) => {
  expect(await largestDatagram(change)).toBeLessThan(BROWSER_RECORD_BYTES);
});
