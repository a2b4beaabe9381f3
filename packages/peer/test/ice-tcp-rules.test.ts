import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { IcePort } from '@ouro/ice/port';
import { until } from '@ouro/test-kit';
import { expect, test } from 'vitest';
import { loopbackPeer } from './support/peers.ts';
import { portPair } from './support/port-peers.ts';

const HOST = '127.0.0.1';

test('K4: a peer on the port waits to be dialed, one without it only dials', async () => {
  await using port = await IcePort.open({ port: 0, hosts: [HOST] });
  const tcpTypes = async (options: Parameters<typeof loopbackPeer>[0]): Promise<string[]> => {
    await using peer = await loopbackPeer(options);
    await peer.setLocalDescription(await peer.createOffer());
    await until(() => peer.iceGatheringState === 'complete');
    const found = [...(peer.localDescription?.sdp ?? '').matchAll(/tcptype (\w+)/g)];
    return [...new Set(found.map(([, tcpType]) => tcpType ?? ''))];
  };
  expect(await tcpTypes({ icePort: port })).toEqual(['passive']);
  expect(await tcpTypes({})).toEqual(['active']);
});

/** A port behind a listener whose connections can be cut. */
async function portThatIsCut(): Promise<{ port: IcePort; cut(): number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    port.attach(socket);
  }).listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  const number = typeof address === 'object' && address !== null ? address.port : 0;
  const port = await IcePort.open({ port: number, hosts: [HOST], handedOver: [HOST] });
  return {
    port,
    cut: () => {
      const count = sockets.size;
      for (const socket of sockets) socket.destroy();
      return count;
    },
    [Symbol.asyncDispose]: async () => {
      await port.close();
      server.close();
      await once(server, 'close');
    },
  };
}

test('K6: when TCP drops, the active side dials again with a check, and the session goes on', {
  timeout: 15_000,
}, async () => {
  await using front = await portThatIsCut();
  await using pair = await portPair(front.port, 'tcp');
  expect(await pair.echo('before')).toBe('before');
  expect(front.cut()).toBe(1);
  expect(await pair.echo('after')).toBe('after');
  expect(front.port.stats).toMatchObject({ tcpConnections: 1, drops: {} });
});

test('K9: TCP only when UDP does not get through', async () => {
  await using port = await IcePort.open({ port: 0, hosts: [HOST] });
  await using both = await portPair(port, 'both');
  await using blocked = await portPair(port, 'blocked');
  expect([both, blocked].map(({ far }) => far.selectedPair()?.local.protocol)).toEqual(['udp', 'tcp']);
});
