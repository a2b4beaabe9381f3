import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Identity } from '@ouro/fingerprint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeTools } from '../src/lab/requirements.ts';
import { until } from '../src/lab/until.ts';
import { type Certificates, makeCertificates } from '../src/turn/certificates.ts';
import { Coturn } from '../src/turn/coturn.ts';
import { connectPair } from '../src/turn/pair.ts';

/** Peers that have no socket but that of a relay. */
const relayed = (urls: string, username = 'me', credential = 'secret') => ({
  iceSockets: [],
  iceServers: [{ urls, username, credential }],
});

describeTools('a real TURN server', ['turnserver', 'openssl'], () => {
  let directory = '';
  let certificates: Certificates;
  let server: Coturn;
  let identity: Identity;
  const authorities = getCACertificates('default');

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ouro-turn-'));
    certificates = await makeCertificates(directory, ['DNS:localhost']);
    server = await Coturn.onLoopback({ auth: { user: 'me:secret' }, certificates });
    identity = await Identity.generate();
    setDefaultCACertificates([...authorities, await readFile(certificates.authority, 'utf8')]);
  }, 60_000);
  afterAll(async () => {
    setDefaultCACertificates(authorities);
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(['udp', 'tcp', 'tls'] as const)(
    'relays over %s, and takes the relay back',
    async (transport) => {
      const options = relayed(server.url(transport, 'localhost'));
      const before = server.log.length;
      {
        await using pair = await connectPair(identity, [options, options]);
        const message = new Uint8Array(200_000).map((_, i) => i % 251);
        expect(await pair.echo(message)).toEqual(message);
        const local = { type: 'relay', relayProtocol: transport };
        expect(pair.near.selectedPair()).toMatchObject({ local, remote: { type: 'relay' } });
        expect(pair.far.selectedPair()).toMatchObject({ local });
      }
      const ended = () => server.log.slice(before).match(/: closed \(2nd stage\)/g) ?? [];
      await until(() => ended().length >= 2, { what: () => server.log.slice(before) });
    },
    30_000,
  );
});
