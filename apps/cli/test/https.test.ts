import { once } from 'node:events';
import { createServer } from 'node:https';
import { Identity } from '@ouro/fingerprint';
import { Fingerprint } from '@ouro/fingerprint/fingerprint';
import { SignalingError } from '@ouro/signaling';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { UntrustedCertificate } from '../src/errors.ts';
import { describeFailure } from '../src/failure.ts';
import { httpsFetch } from '../src/http/https-fetch.ts';
import { parseTarget } from '../src/transports.ts';

const PIN = 'A1'.repeat(32);

/** An endpoint with a certificate that no authority has signed. */
async function selfSigned() {
  const identity = await Identity.generate();
  let requests = 0;
  const server = createServer(
    { cert: identity.certificatePem, key: identity.privateKeyPem },
    (_request, response) => {
      requests += 1;
      response.end('served');
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}/offer`,
    fingerprint: identity.fingerprint,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('https', () => {
  it('says how to pin a certificate that is not trusted, and sends nothing', async () => {
    await using server = await selfSigned();
    const failed = await httpsFetch(undefined)(server.url, { method: 'POST', body: 'offer' }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(UntrustedCertificate);
    const { text, exit } = describeFailure(failed, { target: parseTarget(server.url), pinned: true });
    expect(text).toContain(`ouro --tls-pin ${server.fingerprint.compact} ${server.url}`);
    expect(text).toContain('not trusted here');
    expect(exit).toBe(new SignalingError('fingerprint-mismatch', '').edge.exit);
    expect(server.requests()).toBe(0);
  });

  it('takes the pinned certificate, and no other', async () => {
    await using server = await selfSigned();
    expect(await (await httpsFetch(server.fingerprint)(server.url)).text()).toBe('served');
    await expect(httpsFetch(Fingerprint.parse(PIN))(server.url)).rejects.toMatchObject({
      code: 'fingerprint-mismatch',
    });
    expect(server.requests()).toBe(1);
  });

  it('a server that is not there is no certificate that is not trusted', async () => {
    const server = await selfSigned();
    await server[Symbol.asyncDispose]();
    await expect(httpsFetch(undefined)(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('a pin has the form of a fingerprint, and is for https', () => {
    const parse = (...args: string[]) => parseCommandLine(args, '1.0.0');
    const parsed = parse('--tls-pin', PIN.toLowerCase(), 'https://box');
    expect(parsed.action === 'connect' && parsed.tlsPin?.compact).toBe(PIN);
    expect(() => parse('--tls-pin', 'A1', 'https://box')).toThrow('64 hex digits');
    expect(() => parse('--tls-pin', PIN, 'http://box')).toThrow('https://');
    expect(() => parse('--tls-pin', PIN, 'ada@box')).toThrow('https://');
  });
});
