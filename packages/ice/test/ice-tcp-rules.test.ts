import { ManualClock, seededBytes } from '@ouro/test-kit';
import { expect, test } from 'vitest';
import { formatCandidate, localCandidate, parseCandidate } from '../src/candidate.ts';
import { Checker } from '../src/checker.ts';
import { Checklist } from '../src/checklist.ts';
import { UFRAG_CHARS } from '../src/constants.ts';
import type { IceSocket, TcpType } from '../src/index.ts';
import { newPair } from '../src/pair.ts';
import { MAX_DIALS_PER_ADDRESS } from '../src/port/constants.ts';
import { IcePort } from '../src/port/ice-port.ts';
import { tcpActiveSockets } from '../src/port/tcp-active.ts';
import { Transactions } from '../src/transactions.ts';
import { check, credentials, HOST } from './support/ice-port.ts';

/** A socket of this kind that counts what is sent. */
function socketOf(tcpType?: TcpType): IceSocket & { sent: number } {
  return {
    local: { address: '192.0.2.1', port: tcpType === 'active' ? 9 : 7777 },
    ...(tcpType && { tcpType }),
    sent: 0,
    send() {
      this.sent += 1;
    },
    close() {},
  };
}

const candidateOf = (tcpType?: TcpType) => localCandidate(socketOf(tcpType), 0);
const remoteOf = (tcpType?: TcpType) => ({ ...candidateOf(tcpType), address: '192.0.2.2' });

test('K1: the form of a candidate; tcptype comes after raddr and rport', () => {
  expect(formatCandidate(candidateOf('passive'), 'ufrag')).toMatch(
    /^candidate:\w+ 1 tcp \d+ 192\.0\.2\.1 7777 typ host tcptype passive /,
  );
  const active = { ...candidateOf('active'), related: { address: '10.0.0.1', port: 9 } };
  expect(formatCandidate(active, 'ufrag')).toMatch(/ 9 typ host raddr 10\.0\.0\.1 rport 9 tcptype active /);
  expect(parseCandidate('candidate:1 1 TCP 5 192.0.2.2 9 typ host tcptype so')).toHaveProperty('unusable');
});

test('K1: active pairs with passive; with a passive local side only who has dialed', () => {
  const pairs = (local: TcpType | undefined, remote: TcpType | undefined): number => {
    const checklist = new Checklist(seededBytes(1));
    checklist.addBase({ socket: socketOf(local), candidate: candidateOf(local) }, true);
    checklist.addRemote(remoteOf(remote), true);
    return checklist.pairs.length;
  };
  expect(pairs('active', 'passive')).toBe(1);
  expect(pairs(undefined, undefined)).toBe(1);
  for (const remote of ['active', 'passive', undefined] as const) expect(pairs('passive', remote)).toBe(0);
  expect([pairs('active', 'active'), pairs('active', undefined), pairs(undefined, 'passive')]).toEqual([
    0, 0, 0,
  ]);
});

test('K2: a check is sent once over TCP, and again over UDP', () => {
  const sentBy = (tcpType?: TcpType): number => {
    const socket = socketOf(tcpType);
    const clock = new ManualClock();
    const random = seededBytes(1);
    const transactions = new Transactions({ clock, random });
    const remoteEnd = remoteOf(tcpType && 'passive');
    const pair = newPair('1', { socket, local: candidateOf(tcpType), remote: remoteEnd, controlling: true });
    const remote = credentials('far');
    let ended = 0;
    new Checker(transactions, credentials('near'), random).check(pair, {
      remote,
      controlling: true,
      useCandidate: false,
      done: () => {
        ended += 1;
      },
    });
    clock.pass(60_000);
    expect([ended, transactions.size]).toEqual([1, 0]);
    return socket.sent;
  };
  expect(sentBy('active')).toBe(1);
  expect(sentBy()).toBeGreaterThan(1);
});

test('K3: priority is type, direction and address; all of TCP is below all of UDP', () => {
  const parts = (tcpType?: TcpType) => {
    const { priority } = candidateOf(tcpType);
    return { type: priority >>> 24, direction: (priority >>> 21) & 7, last: priority & 0xff };
  };
  expect(parts('active')).toEqual({ type: 90, direction: 6, last: 255 });
  expect(parts('passive')).toEqual({ type: 90, direction: 4, last: 255 });
  expect(parts().type).toBe(126);
  expect(90).toBeLessThan(100);
});

test('K5: a port that the system chooses is one that browsers take', async () => {
  await using port = await IcePort.open({ port: 0, hosts: [HOST] });
  expect(port.port).toBeGreaterThanOrEqual(1024);
});

test('K7: our ufrags have 48 random bits', () => {
  expect(UFRAG_CHARS * 6).toBeGreaterThanOrEqual(48);
});

test('K8: no more than five dials towards one address at a time', async () => {
  const [socket] = await opened();
  // Nobody answers there (RFC 5737).
  for (let i = 0; i < 20; i += 1)
    socket?.send(check(credentials('far')), { address: '192.0.2.1', port: 2000 + i });
  const dials = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPConnectWrap'));
  expect(dials.length).toBeLessThanOrEqual(MAX_DIALS_PER_ADDRESS);
  expect(MAX_DIALS_PER_ADDRESS).toBe(5);
  socket?.close();
});

async function opened(): Promise<IceSocket[]> {
  const sockets: IceSocket[] = [];
  const user = { ...credentials('near'), onDatagram: () => undefined };
  await tcpActiveSockets([HOST]).open(user, (socket) => sockets.push(socket));
  return sockets;
}
