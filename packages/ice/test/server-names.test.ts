import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ServerNames } from '../src/server-names.ts';

/** A name server that says nothing. */
async function silentServer(): Promise<{ address: string; close(): void }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

test('addresses are their own, in their family', async () => {
  const names = new ServerNames();
  expect(await names.address('192.0.2.1', 4)).toBe('192.0.2.1');
  expect(await names.address('192.0.2.1', 6)).toBeUndefined();
  expect(await names.address('2001:DB8:0::1', 6)).toBe('2001:db8::1');
});

test('a name that only the system knows is found', async () => {
  const names = new ServerNames();
  expect(await names.address('localhost', 4)).toBe('127.0.0.1');
});

test('a silent name server ends by itself, holds no thread that files are read with, and can be given up', async () => {
  const server = await silentServer();
  const names = new ServerNames([server.address]);
  const asked = Array.from({ length: 8 }, (_, i) => names.address(`host${i}.test`, 4));
  expect((await readFile(new URL(import.meta.url))).length).toBeGreaterThan(0);
  names.close();
  expect(await Promise.all(asked)).toEqual(asked.map(() => undefined));
  const patient = new ServerNames([server.address]);
  expect(await patient.address('host.test', 4)).toBeUndefined();
  server.close();
});
