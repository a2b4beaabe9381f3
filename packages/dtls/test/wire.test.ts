import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_EARLY_MESSAGES, MAX_HANDSHAKE_MESSAGE_BYTES } from '../src/constants.ts';
import { DtlsError } from '../src/errors.ts';
import { prf } from '../src/key-schedule.ts';
import * as messages from '../src/messages.ts';
import { HandshakeReassembly, handshakeHeader } from '../src/reassembly.ts';
import { ReplayWindow } from '../src/replay-window.ts';
import { DtlsPair } from './support/dtls-pair.ts';
import { dtlsIdentity } from './support/identity.ts';

const RUNS = { numRuns: 10_000 };

test('the PRF gives the published vector for P_SHA256', () => {
  const secret = Buffer.from('9bbe436ba940f017b17652849a71db35', 'hex');
  const seed = Buffer.from('a0ba9f936cda311827a6f796ffd5198c', 'hex');
  expect(prf(secret, 'test label', seed, 100).toString('hex')).toBe(
    'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
  );
});

test.for([
  messages.decodeClientHello,
  messages.decodeServerHello,
  messages.decodeHelloVerifyRequest,
  messages.decodeCertificate,
  messages.decodeServerKeyExchange,
  messages.decodeCertificateRequest,
  messages.decodeClientKeyExchange,
  messages.decodeCertificateVerify,
])('%o throws nothing but DtlsError `decode` for any bytes', (decode) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        decode(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DtlsError);
        expect((error as DtlsError).code).toBe('decode');
      }
    }),
    RUNS,
  );
});

test('no datagram makes an endpoint throw, and none ends a session', async () => {
  const idle = new DtlsPair(await dtlsIdentity(), await dtlsIdentity());
  idle.server.endpoint.start();
  const pair = (await DtlsPair.create()).start();
  const header = fc.tuple(fc.constantFrom(20, 21, 22, 23, 255), fc.constantFrom(0, 1, 2), fc.nat(0xffff));
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 200 }), ([type, epoch, sequence], body) => {
      const bytes = Buffer.alloc(13 + body.length);
      bytes.writeUInt8(type, 0);
      bytes.writeUInt16BE(0xfefd, 1);
      bytes.writeUInt16BE(epoch, 3);
      bytes.writeUIntBE(sequence, 5, 6);
      bytes.writeUInt16BE(body.length, 11);
      bytes.set(body, 13);
      for (const end of [pair.client, pair.server]) {
        end.endpoint.receive(bytes);
        end.endpoint.receive(Buffer.from(body));
      }
      idle.server.endpoint.receive(bytes);
    }),
    RUNS,
  );
  pair.client.endpoint.send(Buffer.from('alive'));
  pair.run();
  expect(pair.server.received).toEqual(['alive']);
  pair.close();
  idle.close();
});

const cut = (type: number, sequence: number, body: Buffer, size: number): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    pieces.push(Buffer.concat([handshakeHeader(type, sequence, body.length, at, part.length), part]));
  }
  return pieces;
};

test('fragments in any order, doubled and overlapping, make the message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 100 }),
      fc.infiniteStream(fc.nat(1_000_000)),
      (bytes, one, two, random) => {
        const body = Buffer.from(bytes);
        const pieces = [...cut(11, 0, body, one), ...cut(11, 0, body, two)];
        const keys = new Map(pieces.map((piece) => [piece, random.next().value]));
        pieces.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        const reassembly = new HandshakeReassembly();
        for (const piece of pieces) reassembly.push(piece, 0);
        expect(reassembly.take()?.body).toEqual(body);
        expect(reassembly.take()).toBeUndefined();
        expect(reassembly.push(pieces[0] ?? body, 0)).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});

test('at the cap, messages too far ahead and too large are dropped, and the next one still comes', () => {
  const reassembly = new HandshakeReassembly();
  const whole = (sequence: number): Buffer =>
    Buffer.concat([handshakeHeader(1, sequence, 1), Buffer.from([sequence])]);
  for (let sequence = 100; sequence > 0; sequence -= 1) reassembly.push(whole(sequence), 0);
  reassembly.push(handshakeHeader(1, 0, MAX_HANDSHAKE_MESSAGE_BYTES + 1, 0, 0), 0);
  expect(reassembly.take()).toBeUndefined();
  reassembly.push(whole(0), 0);
  const taken: number[] = [];
  for (let next = reassembly.take(); next; next = reassembly.take()) taken.push(next.sequence);
  expect(taken).toEqual(Array.from({ length: MAX_EARLY_MESSAGES }, (_, i) => i));
});

test('the replay window agrees with a set of all that was seen', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { maxLength: 200 }), (sequences) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let newest = -1;
      for (const sequence of sequences) {
        const expected = !seen.has(sequence) && sequence > newest - 1024;
        expect(window.isNew(sequence)).toBe(expected);
        if (!expected) continue;
        window.mark(sequence);
        seen.add(sequence);
        newest = Math.max(newest, sequence);
      }
    }),
    { numRuns: 1000 },
  );
});
