import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Identity } from '@ouro/fingerprint';
import { tcpActiveSockets } from '@ouro/ice/port';
import { tlsFetch } from '@ouro/transport-whip/node';
import { expect, test } from 'vitest';
import { AgentError } from '../src/base/errors.ts';
import { listenHttp } from '../src/daemon/http.ts';
import { createLogger } from '../src/daemon/logger.ts';
import { openSharedPort } from '../src/daemon/shared-port.ts';
import { connectHttp, type TestAgent, testAgent, textOf } from './support/agent.ts';
import { testHome } from './support/home.ts';

const { signal } = new AbortController();
const HOST = '127.0.0.1';
const TCP_ONLY = { iceSockets: [tcpActiveSockets([HOST], { bind: true })] };
const silent = createLogger('fatal', { write: () => {} });

/** An HTTP server that serves nothing. */
const nobody = {
  routes: [],
  icePort: { attach: () => {} },
  logger: silent,
};

const pairOf = ({ agent }: TestAgent) => agent.status().peers[0]?.pair;
const httpPort = ({ agent }: TestAgent) => Number(new URL(agent.address).port);

/** A UDP port that somebody has on every address. */
async function takenUdp(): Promise<{ port: number } & AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function runs(host: TestAgent, options: Parameters<typeof connectHttp>[2]): Promise<void> {
  await using client = await connectHttp(host, host.friend, options);
  const pane = await client.session.addPane({ command: ['echo', 'here'] }, { signal });
  expect(await textOf(pane.stdout)).toBe('here\n');
  const { local, remote } = pairOf(host) ?? {};
  expect(local).toMatchObject({ port: host.agent.status().ice_port });
  expect(remote?.protocol).toBe(options.peer === TCP_ONLY ? 'tcp' : 'udp');
}

test('HTTP, UDP and TCP have one number; UDP is preferred, TCP taken where there is no UDP', async () => {
  await using host = await testAgent();
  expect(host.agent.status().ice_port).toBe(httpPort(host));
  await runs(host, { signal });
  await runs(host, { signal, peer: TCP_ONLY });
});

test('a port of its own', async () => {
  await using host = await testAgent('ice_port = 0\n');
  expect(host.agent.status().ice_port).not.toBe(httpPort(host));
  await runs(host, { signal });
  await runs(host, { signal, peer: TCP_ONLY });
});

test('off: each peer has ports of its own, of the range if one is set', async () => {
  await using host = await testAgent('udp_port_min = 42000\nudp_port_max = 42999\n');
  await using _client = await connectHttp(host, host.friend, { signal });
  expect(host.agent.status().ice_port).toBeNull();
  expect(pairOf(host)?.local.port).toBeGreaterThanOrEqual(42_000);
  expect(pairOf(host)?.local.port).toBeLessThanOrEqual(42_999);
});

test('a peer that stays on TCP, or a connection that says nothing, does not hold up the end', async () => {
  const host = await testAgent();
  const client = await connectHttp(host, host.friend, { signal, peer: TCP_ONLY });
  const silence = connect({ host: HOST, port: httpPort(host) });
  await once(silence, 'connect');
  const hungUp = once(silence, 'close');
  await host[Symbol.asyncDispose]();
  await hungUp;
  await client[Symbol.asyncDispose]();
});

test('a UDP port that is taken: another one, and a warning that names the setting', async () => {
  await using taken = await takenUdp();
  const http = { port: taken.port, hosts: [HOST] };
  const { port, warnings } = await openSharedPort({
    ice: { port: undefined },
    publicAddresses: [],
    http,
    logger: silent,
  });
  await using opened = port;
  expect(opened.port).not.toBe(taken.port);
  expect(warnings).toEqual([expect.stringMatching(/UDP port .*EADDRINUSE.*net\.ice_port/)]);
});

test('a UDP port that is taken and was set is an error that names the setting', async () => {
  await using taken = await takenUdp();
  const failed = await openSharedPort({
    ice: { port: taken.port },
    publicAddresses: [],
    http: { port: 1, hosts: [HOST] },
    logger: silent,
  }).catch((thrown: unknown) => thrown);
  expect(failed).toBeInstanceOf(AgentError);
  expect(failed).toMatchObject({ code: 'port-taken', message: expect.stringContaining('net.ice_port') });
});

test('the default HTTP port is taken: another one, and a warning that names the setting', async () => {
  const other = createServer().listen(0, HOST);
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const options = {
    address: { host: HOST, port },
    tls: undefined,
    ...nobody,
  };
  await using listening = await listenHttp({ ...options, addressIsSet: false });
  expect(listening.port).not.toBe(port);
  expect(listening.warnings).toEqual([expect.stringContaining('net.http_server')]);
  await expect(listenHttp({ ...options, addressIsSet: true })).rejects.toMatchObject({ code: 'port-taken' });
  other.close();
});

test('localhost is both families', async () => {
  await using host = await testAgent('', 'localhost:0');
  await runs(host, { signal });
  await runs(host, { signal, peer: TCP_ONLY });
});

test('HTTPS and STUN on one port', async () => {
  const identity = await Identity.generate();
  const prepare = async (dir: string) => void (await put(dir, identity));
  await using host = await testAgent('tls_cert = "cert.pem"\ntls_key = "key.pem"\n', undefined, prepare);
  expect(host.agent.address).toMatch(/^https:/);
  const fetch = tlsFetch({ pin: identity.fingerprint });
  await runs(host, { signal, fetch });
  await runs(host, { signal, fetch, peer: TCP_ONLY });
});

test('a new certificate is taken over', async () => {
  await using home = await testHome();
  const [first, second] = await Promise.all([Identity.generate(), Identity.generate()]);
  const tls = await put(home.paths.configDir, first);
  await using listening = await listenHttp({
    address: { host: HOST, port: 0 },
    addressIsSet: true,
    tls,
    tlsPollMs: 10,
    ...nobody,
  });
  const seen = async (pin: Identity) =>
    (await tlsFetch({ pin: pin.fingerprint })(`${listening.url}/offer`).catch(() => undefined))?.status;
  expect(await seen(first)).toBe(404);
  await put(home.paths.configDir, second);
  await expect.poll(() => seen(second)).toBe(404);
});

test('files that are no certificate are an error that names the settings', async () => {
  await expect(testAgent('tls_cert = "cert.pem"\ntls_key = "key.pem"\n')).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining('net.tls_cert'),
  });
});

const put = async (dir: string, { certificatePem, privateKeyPem }: Identity) => {
  const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  await writeFile(files.cert, certificatePem);
  await writeFile(files.key, privateKeyPem, { mode: 0o600 });
  return files;
};
