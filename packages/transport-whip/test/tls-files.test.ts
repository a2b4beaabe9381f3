import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Fingerprint, Identity } from '@ouro/fingerprint';
import { SignalQueue } from '@ouro/signaling';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { readTls, reloadTls, whipServer } from '../src/server/index.ts';

const authorizer = { authorize: async () => ({}) };

async function temporaryFolder(): Promise<AsyncDisposable & { files: { cert: string; key: string } }> {
  const folder = await mkdtemp(join(tmpdir(), 'ouro-tls-'));
  return {
    files: { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function shownAt(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const der = socket.getPeerX509Certificate()?.raw ?? new Uint8Array();
  socket.destroy();
  return (await Fingerprint.fromDer(der)).compact;
}

test('a new certificate is taken over while the server runs; half a pair is not', async () => {
  await using folder = await temporaryFolder();
  const { files } = folder;
  const [first, second] = await Promise.all([Identity.generate(), Identity.generate()]);
  await writeFile(files.cert, first.certificatePem);
  await writeFile(files.key, first.privateKeyPem);
  const fastify = Fastify({ https: await readTls(files) });
  await fastify.register(whipServer, { authorizer, onSession: () => {} });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const address = fastify.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const happened = new SignalQueue<string>();
  const events = happened[Symbol.asyncIterator]();
  const stop = new AbortController();
  const reloading = reloadTls(fastify.server, files, {
    signal: stop.signal,
    pollMs: 5,
    onReload: () => happened.push('reload'),
    onError: (error) => happened.push(error.code),
  });
  expect((await events.next()).value).toBe('reload');
  expect(await shownAt(port)).toBe(first.fingerprint.compact);
  await writeFile(files.cert, second.certificatePem);
  expect((await events.next()).value).toBe('internal');
  expect(await shownAt(port)).toBe(first.fingerprint.compact);
  await writeFile(files.key, second.privateKeyPem);
  for (let event = await events.next(); event.value !== 'reload'; event = await events.next())
    expect(event.done).toBe(false);
  expect(await shownAt(port)).toBe(second.fingerprint.compact);
  await rm(files.key);
  expect((await events.next()).value).toBe('internal');
  expect(await shownAt(port)).toBe(second.fingerprint.compact);
  stop.abort();
  await reloading;
  await fastify.close();
});

test('files that are not there are named, and what is in them is not', async () => {
  await using folder = await temporaryFolder();
  await expect(readTls(folder.files)).rejects.toThrow(folder.files.cert);
  await writeFile(folder.files.cert, 'sesame');
  await writeFile(folder.files.key, 'sesame');
  const error = await readTls(folder.files).catch((thrown: unknown) => thrown);
  expect(String(error)).not.toContain('sesame');
});
