import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type ReadInterfaces, subscriber } from '../src/port/address.ts';
import { IcePort } from '../src/port/index.ts';
import { ManualClock } from './support/ice-port.ts';

const at = (port: IcePort) => port.endpoints.map(({ transport, address }) => `${transport} ${address}`);
const outer = (...addresses: string[]) => ({
  eth0: addresses.map((address) => ({ address, internal: false })),
});

test('UDP and TCP of every address have one number', async () => {
  await using port = await IcePort.open({ port: 0, hosts: ['127.0.0.1', '::1', '127.0.0.2'] });
  expect(at(port)).toEqual(
    ['127.0.0.1', '::1', '127.0.0.2']
      .map((each) => `udp ${each}`)
      .concat(['tcp 127.0.0.1', 'tcp ::1', 'tcp 127.0.0.2']),
  );
  expect(new Set(port.endpoints.map((endpoint) => endpoint.port))).toEqual(new Set([port.port]));
});

test('a wildcard is all addresses that others can reach, and follows the machine', async () => {
  const clock = new ManualClock();
  let now = outer('127.0.0.3', '169.254.1.1', 'fe80::1', '::1');
  const readInterfaces: ReadInterfaces = () => ({ lo: [{ address: '127.0.0.1', internal: true }], ...now });
  await using port = await IcePort.open({ port: 0, tcp: false, clock, readInterfaces });
  const { port: number } = port;
  expect(at(port)).toEqual(['udp 127.0.0.3', 'udp ::1']);
  now = outer('127.0.0.4', '::1');
  await port.refresh();
  expect(at(port)).toEqual(['udp 127.0.0.3', 'udp ::1']);
  clock.pass(1000);
  await port.refresh();
  expect(at(port).toSorted()).toEqual(['udp 127.0.0.4', 'udp ::1']);
  expect(port.port).toBe(number);
});

test('an address of a wildcard that cannot be bound is left out; one that was asked for is an error', async () => {
  const readInterfaces: ReadInterfaces = () => outer('192.0.2.200', '127.0.0.1');
  await using port = await IcePort.open({ port: 0, hosts: ['0.0.0.0'], readInterfaces });
  expect(at(port)).toEqual(['udp 127.0.0.1', 'tcp 127.0.0.1']);
  await expect(IcePort.open({ port: 0, hosts: ['192.0.2.200'] })).rejects.toMatchObject({
    code: 'no-address',
  });
});

test('no address at all is an error for a port that the system should choose', async () => {
  await expect(IcePort.open({ port: 0, readInterfaces: () => ({}) })).rejects.toMatchObject({
    code: 'no-address',
  });
});

test('a port that is taken by UDP or by TCP is an error, and nothing stays open', async () => {
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const { port: number } = udp.address();
  await expect(IcePort.open({ port: number, hosts: ['127.0.0.1'] })).rejects.toMatchObject({
    code: 'address-in-use',
  });
  udp.close();
  const tcp = createServer().listen(number, '127.0.0.1');
  await once(tcp, 'listening');
  await expect(IcePort.open({ port: number, hosts: ['127.0.0.1'] })).rejects.toMatchObject({
    code: 'address-in-use',
    message: expect.stringContaining(`TCP port ${number} of 127.0.0.1`),
  });
  tcp.close();
  await once(tcp, 'close');
  await using port = await IcePort.open({ port: number, hosts: ['127.0.0.1'] });
  expect(port.port).toBe(number);
});

test.for([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:0:0:1:2:3:4', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
] as const)('%s is of the subscriber %s', ([address, expected]) => {
  expect(subscriber(address)).toBe(expected);
});
