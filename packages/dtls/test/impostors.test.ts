import { generateKeyPairSync } from 'node:crypto';
import { systemRandom } from '@ouro/base/node';
import { expect, test } from 'vitest';
import { ClientHandshake } from '../src/client-handshake.ts';
import { ALERT, HANDSHAKE_TYPE } from '../src/constants.ts';
import type { DtlsError } from '../src/errors.ts';
import type { DtlsIdentity, Handshake, HandshakeHost, Outgoing } from '../src/handshake.ts';
import { ServerHandshake } from '../src/server-handshake.ts';
import { DtlsPair } from './support/dtls-pair.ts';
import { dtlsIdentity } from './support/identity.ts';

/** The certificate of one, the key of another: what everybody can have who saw a handshake. */
async function stolenCertificate(): Promise<DtlsIdentity> {
  const [victim, thief] = await Promise.all([dtlsIdentity(), dtlsIdentity()]);
  return { certificate: victim.certificate, privateKey: thief.privateKey };
}

test('a client with a stolen certificate, but not its key, is refused', async () => {
  const pair = new DtlsPair(await stolenCertificate(), await dtlsIdentity()).start();
  expect(pair.server.connected).toBe(0);
  expect(pair.server.closed?.error?.code).toBe('bad-proof');
  expect(pair.server.endpoint.remoteCertificate).toBeUndefined();
  pair.close();
});

test('a server with a stolen certificate, but not its key, is refused', async () => {
  const pair = new DtlsPair(await dtlsIdentity(), await stolenCertificate()).start();
  expect(pair.client.connected).toBe(0);
  expect(pair.client.closed?.error?.code).toBe('bad-proof');
  pair.close();
});

test('a certificate whose key is of no kind that we check is refused', async () => {
  const { certificate } = await dtlsIdentity();
  const broken = Buffer.from(certificate);
  broken.fill(0, 60, 90);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pair = new DtlsPair({ certificate: broken, privateKey }, await dtlsIdentity()).start();
  expect(pair.server.connected).toBe(0);
  expect(pair.server.closed?.error?.code).toMatch(/bad-certificate|bad-proof/);
  pair.close();
});

type Change = (message: Outgoing) => Outgoing[];

interface Side {
  handshake: Handshake;
  done: boolean;
  error: DtlsError | undefined;
  inbox: Outgoing[];
}

/** Two handshakes without records between them, and a hand in the middle that may change each message. */
async function handshake(
  changeClient: Change,
  changeServer: Change,
): Promise<{ client: Side; server: Side }> {
  const [clientIdentity, serverIdentity] = await Promise.all([dtlsIdentity(), dtlsIdentity()]);
  const side = (): Side => ({ handshake: undefined as never, done: false, error: undefined, inbox: [] });
  const client = side();
  const server = side();
  const host = (self: Side, other: Side, identity: DtlsIdentity, change: Change): HandshakeHost => ({
    identity,
    random: systemRandom,
    checkCertificate: () => {},
    setKeys: () => {},
    sendFlight: (flight) => other.inbox.push(...flight.flatMap(change)),
    done: () => {
      self.done = true;
    },
  });
  const starting = new ClientHandshake(host(client, server, clientIdentity, changeClient));
  client.handshake = starting;
  server.handshake = new ServerHandshake(host(server, client, serverIdentity, changeServer));
  starting.start();
  while (deliver(client) || deliver(server)) {}
  return { client, server };
}

function deliver(to: Side): boolean {
  const message = to.inbox.shift();
  if (message === undefined) return false;
  if (message.contentType === 22 && to.error === undefined) {
    try {
      to.handshake.handle(message);
    } catch (error) {
      to.error = error as DtlsError;
    }
  }
  return true;
}

const same: Change = (message) => [message];
const flipped =
  (type: number, at: (length: number) => number): Change =>
  (message) => {
    if (message.type !== type || message.body.length === 0 || message.contentType !== 22) return [message];
    const body = Buffer.from(message.body);
    const index = at(body.length);
    body.writeUInt8(body.readUInt8(index) ^ 1, index);
    return [{ ...message, body }];
  };
const without =
  (type: number): Change =>
  (message) =>
    message.type === type ? [] : [message];

test('unchanged, both are done', async () => {
  const { client, server } = await handshake(same, same);
  expect([client.done, server.done, client.error, server.error]).toEqual([true, true, undefined, undefined]);
});

test('a Finished with a wrong verify_data is refused by the server', async () => {
  const { server } = await handshake(
    flipped(HANDSHAKE_TYPE.finished, () => 3),
    same,
  );
  expect([server.done, server.error?.code, server.error?.alert]).toEqual([
    false,
    'bad-proof',
    ALERT.decryptError,
  ]);
});

test('a Finished with a wrong verify_data is refused by the client', async () => {
  const { client } = await handshake(
    same,
    flipped(HANDSHAKE_TYPE.finished, () => 3),
  );
  expect([client.done, client.error?.code]).toEqual([false, 'bad-proof']);
});

test.for(['certificate', 'clientKeyExchange', 'certificateVerify', 'finished'] as const)(
  'a client that leaves out its %s is not let in',
  async (name) => {
    const { server } = await handshake(without(HANDSHAKE_TYPE[name]), same);
    expect(server.done).toBe(false);
    if (name !== 'finished') expect(server.error?.code).toBe('unexpected');
  },
);

test.for(['certificate', 'serverKeyExchange', 'certificateRequest'] as const)(
  'a server that leaves out its %s is not believed',
  async (name) => {
    const { client } = await handshake(same, without(HANDSHAKE_TYPE[name]));
    expect([client.done, client.error?.code]).toEqual([false, 'unexpected']);
  },
);

test('an empty list of certificates is none', async () => {
  const empty: Change = (message) =>
    message.type === HANDSHAKE_TYPE.certificate ? [{ ...message, body: Buffer.alloc(3) }] : [message];
  const { server } = await handshake(empty, same);
  expect(server.error?.code).toBe('bad-certificate');
});

test('a Finished that is not encrypted, or another message that is, ends the handshake', async () => {
  const plain: Change = (message) => [{ ...message, epoch: 0 }];
  expect((await handshake(plain, same)).server.error?.code).toBe('unexpected');
  const sealed: Change = (message) => [{ ...message, epoch: 1 }];
  expect((await handshake(sealed, same)).server.error?.code).toBe('unexpected');
});

/** Offsets of one byte in every field of every message. */
const EVERYWHERE = Array.from({ length: 16 }, (_, i) => i / 16);

test.for(Object.entries(HANDSHAKE_TYPE).filter(([name]) => name !== 'helloVerifyRequest'))(
  'no handshake is done on both sides when a bit of its %s was changed on the way',
  async ([, type]) => {
    for (const share of EVERYWHERE) {
      const change = flipped(type, (length) => Math.floor(share * length));
      for (const [byClient, byServer] of [
        [change, same],
        [same, change],
      ] as const) {
        let changed = false;
        const seen =
          (inner: Change): Change =>
          (message) => {
            const result = inner(message);
            if (inner !== same && result[0] !== message) changed = true;
            return result;
          };
        const { client, server } = await handshake(seen(byClient), seen(byServer));
        expect(client.done && server.done && changed).toBe(false);
      }
    }
  },
);
