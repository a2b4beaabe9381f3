import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComplianceFixture } from '@ouro/signaling/compliance';
import { signalingCompliance } from '@ouro/signaling/compliance';
import { channelFromChild } from '@ouro/ssh-client';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeLab } from '../src/lab/index.ts';
import { NODE } from '../src/programs/paths.ts';
import { AcceptRoad, RELAY } from './accept-road.ts';
import { SshFixture } from './ssh-fixture.ts';

const QUOTED = RELAY.replaceAll('\n', ' ');

describe('signaling over the stdio of a process', () => {
  signalingCompliance({
    timeoutMs: 20_000,
    setup: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'ouro-accept-'));
      const path = join(directory, 'sock');
      const road = await AcceptRoad.listen(
        path,
        async () => {},
        async (wish) => channelFromChild(spawn(process.execPath, ['-e', RELAY, path, wish])),
      );
      return withEnd(road, () => rm(directory, { recursive: true }));
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
    setup: async () => {
      const name = `accept-${count++}`;
      const path = fixture.lab.host('server').homePath('ada', name);
      const config = [`IdentityFile ${fixture.at.path('id')}`];
      const connection = await fixture.at.connect({ port: fixture.port, config });
      const command = `${NODE} -e '${QUOTED.replaceAll("'", `'"'"'`)}' /home/ada/${name}`;
      const road = await AcceptRoad.listen(
        path,
        () => chmod(path, 0o777),
        (wish, options) => connection.exec(`${command} ${wish}`, options),
      );
      return withEnd(road, () => connection.close());
    },
  });
});

/** A fixture that takes something else down with it. */
const withEnd = (road: AcceptRoad, end: () => Promise<unknown>): ComplianceFixture => ({
  trickle: road.trickle,
  dial: (options) => road.dial(options),
  accept: (options) => road.accept(options),
  dialSilent: (options) => road.dialSilent(options),
  dialGarbage: (bytes, options) => road.dialGarbage(bytes, options),
  sendGarbage: (bytes, options) => road.sendGarbage(bytes, options),
  vanish: (side) => road.vanish(side),
  [Symbol.asyncDispose]: async () => {
    await road[Symbol.asyncDispose]();
    await end();
  },
});
