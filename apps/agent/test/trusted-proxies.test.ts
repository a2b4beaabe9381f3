import { Identity } from '@ouro/fingerprint';
import { createPeer } from '@ouro/peer';
import { whipServer } from '@ouro/transport-whip/server';
import { expect, test } from 'vitest';
import { listenHttp } from '../src/daemon/http.ts';
import { createLogger } from '../src/daemon/logger.ts';

/** What the agent takes for the address of a client that a proxy on this machine says it asks for. */
async function addressFor(trustedProxies: readonly string[]): Promise<string> {
  const { promise: address, resolve } = Promise.withResolvers<string>();
  await using http = await listenHttp({
    address: { host: '127.0.0.1', port: 0 },
    addressIsSet: true,
    tls: undefined,
    trustedProxies,
    routes: [
      async (fastify) => {
        await fastify.register(whipServer, {
          authorizer: { authorize: async () => ({}) },
          onSession: (signaler, context) => {
            resolve(context.address);
            return signaler.close();
          },
        });
      },
    ],
    icePort: { attach: () => {} },
    logger: createLogger('fatal', { write: () => {} }),
  });
  await using peer = await createPeer({
    identity: await Identity.generate(),
    iceServers: [],
    loopbackOnly: true,
  });
  peer.createDataChannel('%');
  const { sdp = '' } = await peer.createOffer();
  const headers = { 'content-type': 'application/sdp', 'x-forwarded-for': '192.0.2.7' };
  await peer.setLocalDescription({ type: 'offer', sdp });
  await fetch(`${http.url}/offer`, { method: 'POST', headers, body: sdp });
  return await address;
}

test('a proxy is believed for whom it asks when it is trusted, and not otherwise', async () => {
  expect(await addressFor(['loopback'])).toBe('192.0.2.7');
  expect(await addressFor(['127.0.0.1'])).toBe('192.0.2.7');
  expect(await addressFor(['10.0.0.0/8'])).toBe('127.0.0.1');
  expect(await addressFor([])).toBe('127.0.0.1');
});
