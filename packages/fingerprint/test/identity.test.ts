import { execFile } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fingerprint, FingerprintError, Identity, MAX_IDENTITY_BYTES } from '../src/index.ts';
import { pionPem, temporaryDirectory } from './helpers.ts';

const coded = (code: string) => expect.objectContaining({ name: 'FingerprintError', code });

function keyPem(type: 'P-256' | 'P-384' | 'rsa' | 'ed25519', form: 'pkcs8' | 'sec1' = 'pkcs8'): string {
  if (type === 'rsa') {
    return generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
  }
  if (type === 'ed25519') {
    return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }
  return generateKeyPairSync('ec', { namedCurve: type })
    .privateKey.export({ type: form, format: 'pem' })
    .toString();
}

describe('a new identity', () => {
  test('is a self-signed ECDSA P-256 certificate valid ten years', async () => {
    const identity = await Identity.generate({ notBefore: new Date('2045-02-03T04:05:06Z') });
    const certificate = new X509Certificate(identity.certificatePem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.validFromDate).toEqual(new Date('2045-02-03T04:05:06Z'));
    expect(certificate.validToDate).toEqual(new Date('2055-02-03T04:05:06Z'));
    expect(identity.fingerprint.sdp).toBe(`sha-256 ${certificate.fingerprint256}`);
    expect(identity.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  test('is another one each time', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => Identity.generate()));
    expect(new Set(all.map((each) => each.fingerprint.compact)).size).toBe(20);
    expect(new Set(all.map((each) => new X509Certificate(each.certificatePem).serialNumber)).size).toBe(20);
  });
});

describe('on disk', () => {
  test('is private, and loaded back byte for byte', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.path('a/b/identity.pem');
    const saved = await Identity.generate();
    await saved.save(path);
    const loaded = await Identity.load(path);
    expect(loaded.certificatePem).toBe(saved.certificatePem);
    expect(loaded.privateKeyPem).toBe(saved.privateKeyPem);
    expect(loaded.fingerprint.equals(saved.fingerprint)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(directory.path('a'))).mode & 0o777).toBe(0o700);
    expect((await stat(directory.path('a/b'))).mode & 0o777).toBe(0o700);
    expect(await readdir(directory.path('a/b'))).toEqual(['identity.pem']);
  });

  test('is never replaced, not even when it is expired', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.path('identity.pem');
    const first = await Identity.loadOrCreate(path, { notBefore: new Date('1999-01-01T00:00:00Z') });
    const bytes = await readFile(path);
    const again = await Identity.loadOrCreate(path);
    expect(again.fingerprint.equals(first.fingerprint)).toBe(true);
    await expect((await Identity.generate()).save(path)).rejects.toEqual(coded('exists'));
    expect(await readFile(path)).toEqual(bytes);
  });

  test('a damaged one is an error and stays as it is', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.path('identity.pem');
    await writeFile(path, 'oops', { mode: 0o600 });
    await expect(Identity.loadOrCreate(path)).rejects.toEqual(coded('malformed'));
    expect(await readFile(path, 'utf8')).toBe('oops');
  });

  test('twenty creations at once end with one identity', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.path('new/identity.pem');
    const all = await Promise.all(Array.from({ length: 20 }, () => Identity.loadOrCreate(path)));
    expect(new Set(all.map((each) => each.fingerprint.compact)).size).toBe(1);
    expect(await readdir(directory.path('new'))).toEqual(['identity.pem']);
  });

  test('so do several processes', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.path('identity.pem');
    const script = `import { Identity } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
      process.stdout.write((await Identity.loadOrCreate(${JSON.stringify(path)})).fingerprint.compact);`;
    const run = promisify(execFile);
    const options = ['--conditions=ouro-source', '--input-type=module', '--eval', script];
    const all = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, options)));
    const { fingerprint } = await Identity.load(path);
    expect(all.map((each) => each.stdout)).toEqual(all.map(() => fingerprint.compact));
  });

  test.each([0o644, 0o640, 0o604, 0o620])('mode %o is refused, unless it is imported', async (mode) => {
    await using directory = await temporaryDirectory();
    const path = directory.path('identity.pem');
    const saved = await Identity.generate();
    await saved.save(path);
    await chmod(path, mode);
    await expect(Identity.load(path)).rejects.toEqual(coded('permissions'));
    await expect(Identity.loadOrCreate(path)).rejects.toEqual(coded('permissions'));
    const imported = await Identity.load(path, { allowReadableByOthers: true });
    expect(imported.fingerprint.equals(saved.fingerprint)).toBe(true);
  });

  test('a missing file, a directory and a huge file are clear errors', async () => {
    await using directory = await temporaryDirectory();
    await expect(Identity.load(directory.path('none'))).rejects.toEqual(coded('not-found'));
    await mkdir(directory.path('directory'), { mode: 0o700 });
    await expect(Identity.load(directory.path('directory'))).rejects.toEqual(coded('io'));
    await writeFile(directory.path('huge'), 'x'.repeat(MAX_IDENTITY_BYTES + 1), { mode: 0o600 });
    await expect(Identity.load(directory.path('huge'))).rejects.toEqual(coded('oversize'));
    await expect((await Identity.generate()).save(directory.path('huge/identity.pem'))).rejects.toEqual(
      coded('io'),
    );
  });
});

describe("webexec's certnkey.pem", () => {
  test.each(['certificate first', 'key first', 'with CRLF', 'with text around'])('%s', async (order) => {
    await using directory = await temporaryDirectory();
    const path = directory.path('certnkey.pem');
    const { certificatePem, privateKeyPem, fingerprint } = await Identity.generate({ commonName: 'WebRTC' });
    const text = {
      'certificate first': certificatePem + privateKeyPem,
      'key first': privateKeyPem + certificatePem,
      'with CRLF': (certificatePem + privateKeyPem).replaceAll('\n', '\r\n'),
      'with text around': `mine\n${privateKeyPem}\n\n${certificatePem}\n# end`,
    }[order];
    await writeFile(path, text ?? '', { mode: 0o600 });
    const loaded = await Identity.load(path);
    expect(loaded.fingerprint.equals(fingerprint)).toBe(true);
    await loaded.save(directory.path('copy.pem'));
    expect(await readFile(directory.path('copy.pem'), 'utf8')).toBe(text);
  });
});

describe('an identity as pion writes it', () => {
  test('is read, and saved in the plain form that every tool reads', async () => {
    await using directory = await temporaryDirectory();
    const plain = await Identity.generate();
    const path = directory.path('certnkey.pem');
    await writeFile(path, pionPem(plain), { mode: 0o600 });
    expect(() => new X509Certificate(pionPem(plain))).toThrow();
    const loaded = await Identity.load(path);
    expect(loaded.fingerprint.equals(plain.fingerprint)).toBe(true);
    expect(loaded.certificatePem).toBe(plain.certificatePem);
    expect(loaded.privateKeyPem).toBe(plain.privateKeyPem);
    await loaded.save(directory.path('identity.pem'));
    const saved = await readFile(directory.path('identity.pem'), 'utf8');
    expect(saved).toBe(plain.certificatePem + plain.privateKeyPem);
  });

  test('is refused when there is no certificate in it', async () => {
    const { certificatePem, privateKeyPem } = await Identity.generate();
    for (const inner of ['', 'TUlJ', 'not base64!', Buffer.from('text').toString('base64')]) {
      const body = Buffer.from(inner).toString('base64');
      const block = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
      await expect(Identity.parse(block + privateKeyPem)).rejects.toEqual(coded('malformed'));
    }
    await expect(Identity.parse(pionPem({ certificatePem, privateKeyPem: keyPem('P-256') }))).rejects.toEqual(
      coded('key-mismatch'),
    );
  });
});

describe('a file that is not an identity', () => {
  test('each fault has its code', async () => {
    const { certificatePem, privateKeyPem } = await Identity.generate();
    const other = await Identity.generate();
    const cases: [string, string][] = [
      ['', 'malformed'],
      [certificatePem, 'malformed'],
      [privateKeyPem, 'malformed'],
      [certificatePem + other.certificatePem + privateKeyPem, 'malformed'],
      [certificatePem + privateKeyPem + other.privateKeyPem, 'malformed'],
      [certificatePem.replace(/\n.{10}/, '\nAAAAAAAAAA') + privateKeyPem, 'malformed'],
      [certificatePem + privateKeyPem.replace(/\n.{10}/, '\nAAAAAAAAAA'), 'malformed'],
      [certificatePem + other.privateKeyPem, 'key-mismatch'],
      [certificatePem + keyPem('rsa'), 'unsupported-key'],
      [certificatePem + keyPem('P-384'), 'unsupported-key'],
      [certificatePem + keyPem('ed25519'), 'unsupported-key'],
      [certificatePem + keyPem('P-256', 'sec1'), 'unsupported-key'],
      [
        `${certificatePem}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n`,
        'unsupported-key',
      ],
    ];
    for (const [text, code] of cases) {
      await expect(Identity.parse(text)).rejects.toEqual(coded(code));
    }
  });

  test('no message or cause quotes the key', async () => {
    const { certificatePem, privateKeyPem } = await Identity.generate();
    const cut = privateKeyPem.replace(/\n.{10}/, '\nAAAAAAAAAA');
    const error = await Identity.parse(certificatePem + cut).catch((thrown: unknown) => thrown);
    const secret = privateKeyPem.split('\n')[1]?.slice(12, 40) ?? '';
    expect(
      error instanceof FingerprintError && `${error.message}${error.stack}${String(error.cause)}`,
    ).not.toContain(secret);
  });

  test('any text, and any damage to a good one, is an Identity or a FingerprintError', async () => {
    const { certificatePem, privateKeyPem, fingerprint } = await Identity.generate();
    const good = certificatePem + privateKeyPem;
    const damaged = fc
      .tuple(fc.nat(good.length), fc.nat(8), fc.string({ maxLength: 4 }))
      .map(([at, gone, put]) => good.slice(0, at) + put + good.slice(at + gone));
    const texts = fc.oneof(
      { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
      { weight: 3, arbitrary: damaged },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const result = await Identity.parse(text).catch((thrown: unknown) => thrown);
        if (result instanceof FingerprintError) return;
        expect(result).toBeInstanceOf(Identity);
        if (result instanceof Identity) expect(result.fingerprint).toBeInstanceOf(Fingerprint);
        expect(fingerprint).toBeInstanceOf(Fingerprint);
      }),
      { numRuns: 10_000 },
    );
  }, 60_000);
});
