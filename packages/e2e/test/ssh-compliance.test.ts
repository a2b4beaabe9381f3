import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComplianceFixture } from '@ouro/signaling/compliance';
import { signalingCompliance } from '@ouro/signaling/compliance';
import { channelFromChild } from '@ouro/ssh-client';
import { AcceptListener } from '@ouro/transport-ssh/host';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeLab } from '../src/lab/index.ts';
import { NODE } from '../src/programs/paths.ts';
import { AcceptTransport, RELAY } from './accept-transport.ts';
import { SshFixture } from './ssh-fixture.ts';

/** What SSH cannot have, whatever carries its bytes. */
const WITHOUT = [
  {
    reason: 'the lines of `accept` have no place for servers; the client brings its own',
    cases: ['a client knows the ICE servers that the host announces'],
  },
  {
    reason:
      'the channel is closed once the peers are connected, and nothing is left that could bring an offer',
    cases: [
      'a restart of ICE gets its answer, and candidates follow it',
      'a restart that is refused leaves the session as it was',
      'a session that has ended cannot be restarted',
      'a client that closes with a reason ends the session',
    ],
  },
] as const;

const QUOTED = RELAY.replaceAll('\n', ' ');

describe('signaling over the stdio of a process', () => {
  signalingCompliance({
    timeoutMs: 20_000,
    skip: WITHOUT,
    setup: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'ouro-accept-'));
      const path = join(directory, 'sock');
      const transport = await AcceptTransport.listen(
        path,
        new AcceptListener(),
        async () => {},
        async (wish) => channelFromChild(spawn(process.execPath, ['-e', RELAY, path, wish])),
      );
      return withEnd(transport, () => rm(directory, { recursive: true }));
    },
  });
});

describeLab('signaling through the real sshd', [], () => {
  let fixture: SshFixture;

  beforeAll(async () => {
    fixture = await SshFixture.create({ config: ['MaxSessions 100'] }, async (at) => ({
      users: { ada: { authorizedKeys: [await at.key('id')] } },
    }));
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  let count = 0;
  signalingCompliance({
    timeoutMs: 20_000,
    skip: WITHOUT,
    setup: async () => {
      const name = `accept-${count++}`;
      const path = fixture.lab.host('server').homePath('ada', name);
      const config = [`IdentityFile ${fixture.at.path('id')}`];
      const connection = await fixture.at.connect({ port: fixture.port, config });
      const command = `${NODE} -e '${QUOTED.replaceAll("'", `'"'"'`)}' /home/ada/${name}`;
      const transport = await AcceptTransport.listen(
        path,
        new AcceptListener(),
        () => chmod(path, 0o777),
        (wish, options) => connection.exec(`${command} ${wish}`, options),
      );
      return withEnd(transport, () => connection.close());
    },
  });
});

/** A fixture that takes something else down with it. */
const withEnd = (transport: AcceptTransport, end: () => Promise<unknown>): ComplianceFixture => ({
  trickle: transport.trickle,
  dial: (options) => transport.dial(options),
  listener: transport.listener,
  vouched: transport.vouched,
  announced: transport.announced,
  dialSilent: (options) => transport.dialSilent(options),
  dialGarbage: (bytes, options) => transport.dialGarbage(bytes, options),
  sendGarbage: (bytes, options) => transport.sendGarbage(bytes, options),
  vanish: (side) => transport.vanish(side),
  [Symbol.asyncDispose]: async () => {
    await transport[Symbol.asyncDispose]();
    await end();
  },
});
