import { decodeStun, newTransactionId } from '@ouro/stun';
import { ManualClock } from '@ouro/test-kit';
import { expect, test } from 'vitest';
import { encodeCheck } from '../src/checks.ts';
import type { IceSocket, SocketUser } from '../src/index.ts';
import { IceEnd, IceNetwork } from './support/ice-network.ts';

test('a request that its socket has proven is not proven again, and still has to name both ends', async () => {
  let user: SocketUser | undefined;
  const sent: Buffer[] = [];
  const local = { address: '192.0.2.1', port: 7777 };
  const socket: IceSocket = { local, send: (datagram) => sent.push(datagram), close: () => {} };
  const network = new IceNetwork(new ManualClock());
  const { agent } = new IceEnd(network, {
    open: async (opened, onSocket) => {
      user = opened;
      onSocket(socket);
    },
  });
  await agent.open();
  const far = { ufrag: 'farFar', pwd: 'f'.repeat(24) };
  agent.start(far);
  const from = { address: '192.0.2.2', port: 4000 };
  const give = (by: string, proven: boolean): void => {
    // Made with another password: whoever looked again would see it.
    const remote = { ufrag: agent.local.ufrag, pwd: 'x'.repeat(24) };
    const check = { controlling: true, tieBreaker: 1n, useCandidate: false, priority: 5 };
    const datagram = encodeCheck(newTransactionId(), { ...check, local: { ...far, ufrag: by }, remote });
    user?.onDatagram(socket, datagram, from, proven ? decodeStun(datagram) : undefined);
  };
  give(far.ufrag, false);
  give('third', true);
  expect(sent).toEqual([]);
  give(far.ufrag, true);
  expect(decodeStun(sent[0] ?? Buffer.alloc(0))?.type).toBe(0x101);
  agent.close();
});
