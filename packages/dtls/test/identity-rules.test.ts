import { expect, test } from 'vitest';
import {
  CONTENT_TYPE,
  DTLS_1_2,
  HANDSHAKE_TYPE,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
} from '../src/constants.ts';
import { splitDatagram } from '../src/record.ts';
import { DtlsPair } from './support/dtls-pair.ts';

test('P3: DTLS 1.2 with one suite, and the server asks for a certificate', async () => {
  const pair = (await DtlsPair.create()).start();
  const messages = pair.log.flatMap(({ datagram }) =>
    [...splitDatagram(datagram)]
      .filter(({ type, epoch }) => type === CONTENT_TYPE.handshake && epoch === 0)
      .map(({ fragment }) => fragment),
  );
  const types = messages.map((message) => message[0]);
  expect(types).toContain(HANDSHAKE_TYPE.certificateRequest);
  expect(types.filter((type) => type === HANDSHAKE_TYPE.certificate).length).toBeGreaterThanOrEqual(2);
  const hello = messages.find((message) => message[0] === HANDSHAKE_TYPE.serverHello) ?? Buffer.alloc(0);
  const [header, version, random] = [12, 2, 32];
  expect(hello.readUInt16BE(header)).toBe(DTLS_1_2);
  const sessionId = hello.readUInt8(header + version + random);
  expect(hello.readUInt16BE(header + version + random + 1 + sessionId)).toBe(
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  );
  pair.close();
});
