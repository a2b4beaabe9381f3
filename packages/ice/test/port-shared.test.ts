import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSharedTcpServer, IcePort, type SharedTcpServerOptions } from '../src/port/index.ts';
import { check, credentials, echoSession, HOST, ManualClock, TcpFar, until } from './support/ice-port.ts';

const ann = credentials('ann');
const http = () => createHttpServer((req, res) => req.pipe(res));
let clock: ManualClock;
let server: Server;
let port: IcePort;

async function open(options: Partial<SharedTcpServerOptions> = {}): Promise<void> {
  clock = new ManualClock();
  const taker = { attach: (...args: Parameters<IcePort['attach']>) => port.attach(...args) };
  server = createSharedTcpServer({ http: http(), icePort: taker, clock, ...options });
  server.listen(0, HOST);
  await once(server, 'listening');
  port = await IcePort.open({ port: number(), hosts: [HOST], handedOver: [HOST], clock });
  echoSession(port, ann);
}
beforeEach(() => open());
afterEach(async () => {
  await port.close();
  server.close();
  await once(server, 'close');
  // The server's close may come before that of its last connection.
  await until(() => clock.pending === 0);
});

const number = (): number => (server.address() as AddressInfo).port;

async function post(body: Buffer | string, agent?: Agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const req = request(
    { host: HOST, port: number(), method: 'POST', ...(agent ? { agent } : { agent: false }) },
    (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => resolve(Buffer.concat(chunks).toString()));
    },
  );
  req.on('error', reject);
  req.end(body);
  return promise;
}

test('HTTP and STUN are told apart on one port', async () => {
  await using far = await TcpFar.open(number());
  far.send(check(ann));
  await far.next();
  expect(await post('over HTTP')).toBe('over HTTP');
  far.send(Buffer.from([20]));
  expect(await far.next()).toEqual(Buffer.from([20]));
});

test('HTTP keeps its connection, and a large body is whole', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = 'x'.repeat(1_000_000);
  expect(await post(body, agent)).toBe(body);
  expect(await post('again', agent)).toBe('again');
  agent.destroy();
});

test('a request that comes byte by byte is HTTP, a check that comes byte by byte is STUN', async () => {
  await using web = await TcpFar.open(number());
  const answered = once(web.socket.removeAllListeners('data'), 'data');
  for (const byte of Buffer.from('GET / HTTP/1.0\r\n\r\n')) web.socket.write(Buffer.from([byte]));
  expect(String(await answered)).toContain('200 OK');
  await using far = await TcpFar.open(number());
  const packet = check(ann);
  const length = Buffer.from([packet.length >> 8, packet.length & 255]);
  for (const byte of Buffer.concat([length, packet])) {
    far.socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await far.next();
});

test('a connection that says nothing, or too little, is closed at the deadline', async () => {
  const accepted = once(server, 'connection');
  await using silent = await TcpFar.open(number());
  await accepted;
  await using slow = await TcpFar.open(number());
  slow.socket.write(Buffer.from([0]));
  await until(() => clock.pending >= 3);
  clock.pass(10_000);
  await Promise.all([silent.closed, slow.closed]);
});

test('connections that say nothing have a cap; one that speaks is served', async () => {
  server.close();
  await port.close();
  await open({ pendingPerAddress: 2 });
  const idle = [await TcpFar.open(number()), await TcpFar.open(number())];
  await until(() => clock.pending >= 3);
  expect(await post('still here')).toBe('still here');
  await idle[0]?.closed;
  for (const each of idle) await each[Symbol.asyncDispose]();
});
