import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileAuthorizer, Identity } from '@ouro/fingerprint';
import { expect, test } from 'vitest';
import { ensurePrivateDir } from '../src/base/files.ts';
import { importWebexec } from '../src/config/import-webexec.ts';
import { loadConfig } from '../src/config/parse.ts';
import { testHome } from './support/home.ts';

const FP = 'AB'.repeat(32);

const CONF = `version = "1.0.0"
[log]
level = "info"
file = "/var/log/webexec.log"
error = "webexec.err"
pion_levels = { trace = "sctp", debug = "ice" }
[net]
http_server = "0.0.0.0:7777"
udp_port_min = 60000
udp_port_max = 61000
[timeouts]
disconnect = 3000
failed = 6000
keep_alive = 500
ice_gathering = 5000
odd = 1
[[ice_servers]]
urls = [ "stun:stun.example.org:3478" ]
[peerbook]
user_id = "U"
[env]
COLORTERM = "truecolor"
`;

/** A block as Go's encoding/pem writes it. */
const goPem = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes)
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

/** As webexec's library (pion) writes it: the certificate's block holds base64 text, not DER. */
const certnkey = ({ certificatePem, privateKeyPem }: Identity): string => {
  const text = new X509Certificate(certificatePem).raw.toString('base64');
  const key = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' });
  return goPem('CERTIFICATE', Buffer.from(text)) + goPem('PRIVATE KEY', key);
};

const setUp = async () => {
  const home = await testHome();
  const source = join(home.home, 'webexec');
  await ensurePrivateDir(source);
  const identity = await Identity.generate();
  await writeFile(join(source, 'certnkey.pem'), certnkey(identity), { mode: 0o644 });
  await writeFile(join(source, 'authorized_fingerprints'), `# clients\n${FP} my phone\n\nrubbish\n`);
  await writeFile(join(source, 'webexec.conf'), CONF);
  return { home, source, identity };
};

test('identity, clients and config come over, and the fingerprint stays', async () => {
  const { home, source, identity } = await setUp();
  await using _home = home;
  const notes = await importWebexec(source, home.paths);
  const imported = await Identity.load(home.paths.identity);
  expect(imported.fingerprint.compact).toBe(identity.fingerprint.compact);
  expect((await stat(home.paths.identity)).mode & 0o777).toBe(0o600);
  const clients = await new FileAuthorizer(home.paths.authorized).list();
  expect(clients.map(({ fingerprint, label }) => [fingerprint.compact, label])).toEqual([[FP, 'my phone']]);
  const { config, warnings } = await loadConfig(home.paths.config);
  expect(warnings).toEqual([]);
  expect(config).toMatchObject({
    net: { http: { host: '127.0.0.1', port: 7777 }, udpPorts: [60_000, 61_000] },
    timeouts: { disconnect: 3000, failed: 6000, iceGathering: 5000 },
    env: { set: { COLORTERM: 'truecolor' } },
    iceServers: [{ urls: ['stun:stun.example.org:3478'] }],
  });
  expect(config.log.file).toBeUndefined();
  const text = notes.join('\n');
  expect(text).toContain('0.0.0.0:7777, open to the network');
  expect(text).toContain('Left out timeouts.odd');
  expect(text).toContain('Left out timeouts.keep_alive');
  expect(text).toContain('Left out peerbook: this version');
  expect(text).toContain('Left out version');
  expect(text).toContain('authorized_fingerprints:4');
});

test('a second import changes nothing', async () => {
  const { home, source } = await setUp();
  await using _home = home;
  await importWebexec(source, home.paths);
  const before = await Promise.all(
    [home.paths.identity, home.paths.config, home.paths.authorized].map((path) => readFile(path, 'utf8')),
  );
  await importWebexec(source, home.paths);
  const after = await Promise.all(
    [home.paths.identity, home.paths.config, home.paths.authorized].map((path) => readFile(path, 'utf8')),
  );
  expect(after).toEqual(before);
});

test('another identity is never replaced', async () => {
  const { home, source } = await setUp();
  await using _home = home;
  const mine = await Identity.loadOrCreate(home.paths.identity);
  await expect(importWebexec(source, home.paths)).rejects.toMatchObject({ code: 'bad-input' });
  expect((await Identity.load(home.paths.identity)).fingerprint.equals(mine.fingerprint)).toBe(true);
});

test('nothing to import is told', async () => {
  await using home = await testHome();
  await expect(importWebexec(join(home.home, 'none'), home.paths)).rejects.toMatchObject({
    code: 'no-input',
  });
});
