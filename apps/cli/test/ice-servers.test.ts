import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { MAX_CLIENT_CONFIG_BYTES } from '../src/constants.ts';
import { loadIceServers } from '../src/ice-servers.ts';

let directory = '';
let notices: string[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ouro-cli-'));
  notices = [];
});
afterEach(() => rm(directory, { recursive: true }));

const load = async (toml: string | undefined, urls: string[] = [], mode = 0o600) => {
  const config = join(directory, 'client.toml');
  if (toml !== undefined) {
    await writeFile(config, toml);
    await chmod(config, mode);
  }
  return loadIceServers({ config, urls, notice: (text) => notices.push(text) });
};

const TURN = '[[ice_servers]]\nurls = "turn:b"\nusername = "u"\npassword = "hunter2"\n';

test('no config and no option are no servers', async () => {
  expect(await load(undefined)).toEqual([]);
  expect(await load('')).toEqual([]);
});

test('those of the command line come first, then those of the config', async () => {
  expect(await load(TURN, ['stun:a', 'stun:c:99'])).toEqual([
    { urls: 'stun:a' },
    { urls: 'stun:c:99' },
    { urls: 'turn:b', username: 'u', credential: 'hunter2' },
  ]);
  expect(notices).toEqual([]);
});

test('passwords that others can read are said so', async () => {
  await load(TURN, [], 0o644);
  expect(notices).toEqual([expect.stringContaining('chmod 600')]);
});

test.each([
  ['no TOML', `${TURN}password = "hunter2`, 'config'],
  ['another shape', '[[ice_servers]]\nurls = 3\npassword = "hunter2"', 'config'],
  ['no server', '[[ice_servers]]\nurls = "http://a"', 'config'],
  ['a password in a URL', '[[ice_servers]]\nurls = "turn:u:hunter2@a"', 'config'],
  ['TURN without a password', '[[ice_servers]]\nurls = "turn:a"', 'config'],
  ['a file that is too large', '#'.repeat(MAX_CLIENT_CONFIG_BYTES + 1), 'config'],
])('%s is an error, and no password is in it', async (_, toml, code) => {
  const failure = await load(toml).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ name: 'CliError', code });
  expect(failure instanceof Error ? failure.message : 'hunter2').not.toContain('hunter2');
});

test('a TURN server on the command line is sent to the config', async () => {
  await expect(load(undefined, ['turn:a'])).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('client.toml'),
  });
});

test('--ice-server may be repeated', () => {
  const parsed = parseCommandLine(['--ice-server', 'stun:a', '--ice-server', 'stun:b', 'http://h'], '0');
  expect(parsed).toMatchObject({ action: 'connect', iceServers: ['stun:a', 'stun:b'] });
  expect(parseCommandLine(['http://h'], '0')).toMatchObject({ iceServers: [] });
});
