import { Fingerprint } from '@ouro/fingerprint';
import { negotiate } from '@ouro/negotiation';
import { createPeer } from '@ouro/peer';
import { dialWhip } from '@ouro/transport-whip/client';
import { expect, test } from 'vitest';
import { parseConfig } from '../src/config/parse.ts';
import { IceServers } from '../src/daemon/ice-servers.ts';
import { testAgent } from './support/agent.ts';

const CLOCK = { now: () => 1_760_000_000_999 };
const CLIENT = { fingerprint: Fingerprint.parse('AB'.repeat(32)), secure: false };

const serversOf = (toml: string): IceServers =>
  new IceServers(parseConfig(toml, 'agent.toml').config.iceServers, CLOCK);

const SECRET = '[[ice_servers]]\nurls = "turn:b"\nsecret = "north-secret"\n';

test('credentials of a secret are made for each client, and end after an hour', () => {
  const servers = serversOf(SECRET);
  expect(servers.announced(CLIENT)).toEqual([
    { urls: ['turn:b'], username: '1760003600:ABABABABABABABAB', credential: expect.any(String) },
  ]);
  expect(servers.own()).toMatchObject([{ username: '1760003600:agent' }]);
  expect(serversOf(`${SECRET}ttl = 60\n`).own()).toMatchObject([{ username: '1760000060:agent' }]);
  expect(JSON.stringify([servers.own(), servers.announced(CLIENT)])).not.toContain('north-secret');
});

test('a password of the config goes to no client where it could be read on the way', () => {
  const login = { username: 'u', credential: 'p' };
  const servers = serversOf(
    '[[ice_servers]]\nurls = ["stun:a"]\n[[ice_servers]]\nurls = "turn:b"\nusername = "u"\npassword = "p"\n',
  );
  expect(servers.own()).toEqual([{ urls: ['stun:a'] }, { urls: ['turn:b'], ...login }]);
  expect(servers.announced(CLIENT)).toEqual([{ urls: ['stun:a'] }]);
  expect(servers.announced({ ...CLIENT, secure: true })).toEqual(servers.own());
});

test.each([
  [
    '[[ice_servers]]\nurls = "stun:a"\n[[ice_servers]]\nurls = "turn:b"\n',
    /ice_servers\[1\].*needs a username/,
  ],
  ['[[ice_servers]]\nurls = "http://b"\n', /ice_servers\[0\].*is not a URL/],
  [`${SECRET}password = "p"\n`, /ice_servers\[0\] has a secret/],
  ['[[ice_servers]]\nurls = "turn:u:hunter2@b"\n', /ice_servers\[0\].*turn:…@b/],
])('%j stops the start, and says why', (toml, message) => {
  expect(() => serversOf(toml)).toThrow(
    expect.objectContaining({ code: 'config', message: expect.stringMatching(message) }),
  );
});

test('a client is told of the servers with the answer to its offer', async () => {
  const config =
    '[[ice_servers]]\nurls = "stun:192.0.2.1"\n[[ice_servers]]\nurls = "turn:192.0.2.1"\nsecret = "s"\n';
  await using agent = await testAgent(config);
  const { signal } = new AbortController();
  await using signaler = await dialWhip({ url: agent.agent.address }, { signal });
  await using peer = await createPeer({ identity: agent.friend, iceServers: [], loopbackOnly: true });
  peer.createDataChannel('%');
  await negotiate(peer, signaler, { role: 'offerer', signal });
  expect(signaler.iceServers).toEqual([
    { urls: ['stun:192.0.2.1'] },
    {
      urls: ['turn:192.0.2.1'],
      username: expect.stringMatching(/^\d{10}:[\dA-F]{16}$/),
      credential: expect.stringMatching(/^[\w+/]{27}=$/),
    },
  ]);
});
