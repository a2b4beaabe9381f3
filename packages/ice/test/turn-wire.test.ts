import { createHash } from 'node:crypto';
import { decodeStun, encodeStun, encodeXorAddress, type StunAttribute, type StunMessage } from '@ouro/stun';
import { ManualClock, seededBytes } from '@ouro/test-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IceSocket } from '../src/index.ts';
import { FIRST_CHANNEL, MAX_RELAY_PEERS, TURN_METHOD } from '../src/turn/constants.ts';
import { RelaySocket } from '../src/turn/relay-socket.ts';
import { padded, streamSplitter } from '../src/turn/stream.ts';
import { TurnClient } from '../src/turn/turn-client.ts';

const SERVER = {
  url: 'turn:192.0.2.1',
  host: '192.0.2.1',
  port: 3478,
  transport: 'udp',
  username: 'me',
  credential: 'secret',
} as const;
const AT = { address: '192.0.2.1', port: 3478 };
const PEER = { address: '198.51.100.7', port: 4000 };
const KEY = createHash('md5').update('me:here:secret').digest();
const NO_ID = '0'.repeat(24);

/** A connection with a server that the test plays. */
class Wire implements IceSocket {
  readonly local = { address: '10.0.0.1', port: 5000 };
  readonly sent: Buffer[] = [];
  closed = false;

  send(datagram: Buffer): void {
    this.sent.push(Buffer.from(datagram));
  }

  close(): void {
    this.closed = true;
  }

  last(): StunMessage {
    const message = decodeStun(this.sent.at(-1) ?? Buffer.alloc(0));
    if (message === undefined) throw new Error('Nothing was asked');
    return message;
  }
}

function parts() {
  const socket = new Wire();
  const wire = { socket, server: AT, reliable: true };
  const clock = new ManualClock();
  const client = new TurnClient(SERVER, wire, { clock, random: seededBytes(1) });
  return { clock, socket, wire, client };
}

const challenge = (code: number, nonce = 'n'): StunAttribute[] => [
  { type: 0x0009, value: Buffer.from([0, 0, Math.floor(code / 100), code % 100]) },
  { type: 0x0014, value: Buffer.from('here') },
  { type: 0x0015, value: Buffer.from(nonce) },
];

const reply = (to: StunMessage, bits: number, attributes: StunAttribute[], key?: Buffer): StunMessage => {
  const read = decodeStun(encodeStun(to.type | bits, to.transactionId, attributes, key));
  if (read === undefined) throw new Error('Not a message');
  return read;
};

test('a success that is not signed with the password is no answer', async () => {
  const { socket, client } = parts();
  const asked = client.request(TURN_METHOD.allocate, []);
  client.receive(reply(socket.last(), 0x100, []));
  client.receive(reply(socket.last(), 0x110, challenge(401)));
  await new Promise(setImmediate);
  const signed = socket.last();
  expect(signed.attributes.get(0x0006)?.toString()).toBe('me');
  client.receive(reply(signed, 0x100, []));
  client.receive(reply(signed, 0x100, [], Buffer.from('another key')));
  client.receive(reply(signed, 0x100, [{ type: 0x000d, value: Buffer.alloc(4) }], KEY));
  expect(await asked).toHaveProperty('attributes');
});

test('a refusal tells its code and a reason that is safe to print; the password is in nothing that was sent', async () => {
  const { socket, client } = parts();
  const asked = client.request(TURN_METHOD.allocate, []);
  client.receive(reply(socket.last(), 0x110, challenge(401)));
  await new Promise(setImmediate);
  const value = Buffer.concat([
    Buffer.from([0, 0, 4, 86]),
    Buffer.from('Quota\x1b[31m\nreached'.padEnd(500, '!')),
  ]);
  client.receive(reply(socket.last(), 0x110, [{ type: 0x0009, value }]));
  const refusal = await asked;
  expect(refusal).toMatchObject({
    errorCode: 486,
    errorText: expect.stringMatching(/^Quota\[31mreached!+$/),
  });
  expect(refusal).toHaveProperty('errorText.length', 128);
  expect(Buffer.concat(socket.sent).includes('secret')).toBe(false);
});

test('a server that asks for ever newer nonces is given up', async () => {
  const { socket, client } = parts();
  const asked = client.request(TURN_METHOD.allocate, []);
  client.receive(reply(socket.last(), 0x110, challenge(401)));
  for (const nonce of ['a', 'b', 'c']) {
    await new Promise(setImmediate);
    client.receive(reply(socket.last(), 0x110, challenge(438, nonce)));
  }
  expect(await asked).toMatchObject({ errorCode: 438 });
});

test('stop ends what is asked for, and no timer is left', async () => {
  const { client } = parts();
  const asked = client.request(TURN_METHOD.allocate, []);
  client.stop();
  expect(await asked).toMatchObject({ errorCode: 701 });
  expect(await client.request(TURN_METHOD.allocate, [])).toMatchObject({ errorCode: 701 });
});

function relay() {
  const { clock, socket, wire, client } = parts();
  const got: string[] = [];
  const answer = reply(decodeStun(encodeStun(3, NO_ID, [])) as StunMessage, 0x100, []);
  const relaySocket = new RelaySocket({
    clock,
    server: SERVER,
    local: { address: '192.0.2.1', port: 50_000 },
    answer,
    wire,
    client,
    onDatagram: (_, datagram, { address }) => got.push(`${address} ${datagram}`),
  });
  return { socket, client, relaySocket, got };
}

test('datagrams wait for their channel, a few of them, and then go as ChannelData', async () => {
  const { socket, relaySocket, got } = relay();
  for (const text of ['1', '2', '3', '4', '5']) relaySocket.send(Buffer.from(text), PEER);
  const bind = socket.last();
  expect(bind.type).toBe(TURN_METHOD.channelBind);
  relaySocket.receive(reply(bind, 0x110, challenge(401)).bytes);
  await new Promise(setImmediate);
  relaySocket.receive(reply(socket.last(), 0x100, [], KEY).bytes);
  await new Promise(setImmediate);
  const data = (text: string) => Buffer.concat([Buffer.from([0x40, 0, 0, text.length]), Buffer.from(text)]);
  expect(socket.sent.slice(2)).toEqual(['1', '2', '3', '4'].map(data));
  relaySocket.receive(data('back'));
  relaySocket.receive(Buffer.from([0x40, 1, 0, 1, 65]));
  relaySocket.receive(Buffer.from([0x40, 0, 0, 9, 65]));
  const from = { type: 0x0012, value: encodeXorAddress(PEER, NO_ID) };
  relaySocket.receive(encodeStun(0x0017, NO_ID, [from, { type: 0x0013, value: Buffer.from('indicated') }]));
  expect(got).toEqual([`${PEER.address} back`, `${PEER.address} indicated`]);
  relaySocket.settle(undefined);
  expect(socket.closed).toBe(true);
  expect(socket.last()).toMatchObject({ type: TURN_METHOD.refresh });
  expect(socket.last().attributes.get(0x000d)).toEqual(Buffer.alloc(4));
});

test('no more than so many far addresses', () => {
  const { socket, relaySocket } = relay();
  for (let i = 0; i <= MAX_RELAY_PEERS; i += 1)
    relaySocket.send(Buffer.from('x'), { ...PEER, port: 1000 + i });
  expect(socket.sent).toHaveLength(MAX_RELAY_PEERS);
  relaySocket.close();
});

test('a stream is cut into its messages wherever it is cut', () => {
  const message = fc.oneof(
    fc
      .tuple(fc.integer({ min: FIRST_CHANNEL, max: 0x4fff }), fc.uint8Array({ maxLength: 50 }))
      .map(([channel, data]) => {
        const header = Buffer.alloc(4);
        header.writeUInt16BE(channel, 0);
        header.writeUInt16BE(data.length, 2);
        return Buffer.concat([header, data]);
      }),
    fc
      .uint8Array({ maxLength: 50 })
      .map((value) => encodeStun(1, NO_ID, [{ type: 9, value: Buffer.from(value) }])),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(40)), (messages, sizes) => {
      const got: string[] = [];
      const split = streamSplitter((one) => got.push(one.toString('hex')));
      let rest: Buffer = Buffer.concat(messages.map(padded));
      for (const size of [...sizes, rest.length]) {
        expect(split(rest.subarray(0, size))).toBe(true);
        rest = rest.subarray(size);
      }
      split(rest);
      expect(got).toEqual(messages.map((one) => one.toString('hex')));
    }),
    { numRuns: 2000 },
  );
});

test('a stream of something else is ended, and a length is believed up to a cap', () => {
  expect(streamSplitter(() => {})(Buffer.from('HTTP/1.1 400 Bad Request'))).toBe(true);
  expect(streamSplitter(() => {})(Buffer.from([0xff, 0xff, 0, 0]))).toBe(false);
  expect(streamSplitter(() => {})(Buffer.from([0x16, 3, 1, 0]))).toBe(true);
});

test('no bytes of a server make anything throw', () => {
  const { socket, client, relaySocket } = relay();
  relaySocket.send(Buffer.from('x'), PEER);
  const bind = socket.last();
  const samples = [
    reply(bind, 0x100, [], KEY).bytes,
    reply(bind, 0x110, challenge(401)).bytes,
    encodeStun(0x0017, NO_ID, [
      { type: 0x0012, value: encodeXorAddress(PEER, NO_ID) },
      { type: 0x0013, value: Buffer.from('data') },
    ]),
    Buffer.from([0x40, 0, 0, 4, 1, 2, 3, 4]),
  ];
  const nearly = fc.tuple(fc.nat(3), fc.nat(200), fc.nat(255), fc.nat(200)).map(([which, at, value, cut]) => {
    const bytes = Buffer.from(samples[which] ?? []);
    if (at < bytes.length) bytes.writeUInt8(value, at);
    return bytes.subarray(0, cut);
  });
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(noise, nearly), (bytes) => {
      relaySocket.receive(bytes);
      streamSplitter((message) => relaySocket.receive(message))(bytes);
    }),
    { numRuns: 10_000 },
  );
  client.stop();
  relaySocket.close();
});
