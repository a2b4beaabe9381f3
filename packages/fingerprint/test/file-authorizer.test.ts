import {
  appendFile,
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAuthorizedLines, withEntry, withoutEntry } from '../src/authorized-lines.ts';
import {
  type BadLine,
  FileAuthorizer,
  FingerprintError,
  MAX_AUTHORIZED_BYTES,
  MAX_LABEL_CHARS,
  UnauthorizedError,
} from '../src/index.ts';
import { fingerprintOf, never, stranger, temporaryDirectory } from './helpers.ts';

const a = fingerprintOf(0xaa);
const b = fingerprintOf(0xbb);
const c = fingerprintOf(0xcc);

async function fixture(text?: string) {
  const directory = await temporaryDirectory();
  const path = directory.path('authorized_fingerprints');
  if (text !== undefined) await writeFile(path, text, { mode: 0o600 });
  const told: (readonly BadLine[])[] = [];
  const authorizer = new FileAuthorizer(path, { onBadLines: (lines) => told.push(lines) });
  return {
    directory,
    path,
    told,
    authorizer,
    asks: (fingerprint: typeof a) => authorizer.authorize({ ...stranger, fingerprint }, never()),
    text: () => readFile(path, 'utf8'),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe('the file', () => {
  test('comments, blanks, labels, either case, CRLF', async () => {
    await using file = await fixture(
      `# mine\n\n${a.compact} my laptop  at work\r\n  ${b.compact.toLowerCase()}\n#${c.compact}\n`,
    );
    await expect(file.asks(a)).resolves.toEqual({ label: 'my laptop  at work' });
    await expect(file.asks(b)).resolves.toEqual({});
    await expect(file.asks(c)).rejects.toBeInstanceOf(UnauthorizedError);
    expect((await file.authorizer.list()).map(({ line, label }) => [line, label])).toEqual([
      [3, 'my laptop  at work'],
      [4, undefined],
    ]);
    expect(file.told).toEqual([]);
  });

  test('bad lines are told by number, never quoted, and let nobody in', async () => {
    await using file = await fixture(
      `nonsense ${a.compact}\n${b.compact} ok\n${c.compact}0 long\n${c.compact.slice(1)}`,
    );
    await expect(file.asks(a)).rejects.toBeInstanceOf(UnauthorizedError);
    await expect(file.asks(b)).resolves.toEqual({ label: 'ok' });
    await expect(file.asks(c)).rejects.toBeInstanceOf(UnauthorizedError);
    expect((await file.authorizer.badLines()).map((bad) => bad.line)).toEqual([1, 3, 4]);
    expect(file.told[0]?.map((bad) => bad.line)).toEqual([1, 3, 4]);
    expect(JSON.stringify(file.told)).not.toContain('nonsense');
  });

  test('no file lets nobody in', async () => {
    await using file = await fixture();
    await expect(file.asks(a)).rejects.toBeInstanceOf(UnauthorizedError);
    await expect(file.authorizer.list()).resolves.toEqual([]);
  });

  test('a refusal carries what was presented and nothing of the list', async () => {
    await using file = await fixture(`${a.compact} secret label\n`);
    const error = await file.asks(b).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unauthorized', presented: b.compact });
    expect(error instanceof Error && error.message).toContain(b.compact);
    expect(error instanceof Error && error.message).not.toMatch(new RegExp(`${a.compact}|secret`));
    await expect(file.authorizer.authorize(stranger, never())).rejects.toMatchObject({
      presented: undefined,
    });
  });

  test('a certificate that the transport disproves is refused', async () => {
    await using file = await fixture(`${a.compact}\n`);
    const vouched = (fingerprint: string) =>
      file.authorizer.authorize({ fingerprint: a, remote: { kind: 'fingerprint', fingerprint } }, never());
    await expect(vouched(a.compact)).resolves.toEqual({});
    await expect(vouched(b.compact)).rejects.toBeInstanceOf(UnauthorizedError);
  });

  test('one that is unreadable, writable by others or huge is an internal error, not a refusal', async () => {
    await using file = await fixture(`${a.compact}\n`);
    for (const mode of [0o620, 0o602, 0o666]) {
      await chmod(file.path, mode);
      await expect(file.asks(a)).rejects.toMatchObject({ code: 'internal', cause: { code: 'permissions' } });
      await expect(file.authorizer.list()).rejects.toMatchObject({ code: 'permissions' });
    }
    await chmod(file.path, 0o644);
    await expect(file.asks(a)).resolves.toEqual({});
    await appendFile(file.path, `#${'x'.repeat(MAX_AUTHORIZED_BYTES)}`);
    await expect(file.asks(a)).rejects.toMatchObject({ code: 'internal', cause: { code: 'oversize' } });
    await rm(file.path);
    await mkdir(file.path, { mode: 0o700 });
    await expect(file.asks(a)).rejects.toMatchObject({ code: 'internal', cause: { code: 'io' } });
  });

  test('an abort is heard', async () => {
    await using file = await fixture(`${a.compact}\n`);
    const asked = file.authorizer.authorize({ ...stranger, fingerprint: a }, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a change of the file counts at once', () => {
  test('appended, replaced, removed', async () => {
    await using file = await fixture(`${a.compact}\n`);
    await expect(file.asks(b)).rejects.toBeInstanceOf(UnauthorizedError);
    await appendFile(file.path, `${b.compact}\n`);
    await expect(file.asks(b)).resolves.toEqual({});
    await writeFile(file.directory.path('other'), `${c.compact}\n`, { mode: 0o600 });
    await rename(file.directory.path('other'), file.path);
    await expect(file.asks(b)).rejects.toBeInstanceOf(UnauthorizedError);
    await expect(file.asks(c)).resolves.toEqual({});
    await rm(file.path);
    await expect(file.asks(c)).rejects.toBeInstanceOf(UnauthorizedError);
  });

  test('also one of the same size within the grain of the time stamps', async () => {
    await using file = await fixture(`${a.compact}\n`);
    await expect(file.asks(a)).resolves.toEqual({});
    for (const [now, before] of [
      [b, a],
      [a, b],
      [b, a],
    ] as const) {
      await writeFile(file.path, `${now.compact}\n`);
      await expect(file.asks(before)).rejects.toBeInstanceOf(UnauthorizedError);
      await expect(file.asks(now)).resolves.toEqual({});
    }
  });

  test('an old file is read once, not at each request', async () => {
    await using file = await fixture(`${a.compact}\nbad\n`);
    await utimes(file.path, 1e9, 1e9);
    for (let i = 0; i < 5; i += 1) await expect(file.asks(a)).resolves.toEqual({});
    expect(file.told).toHaveLength(1);
    await utimes(file.path, 1e9 + 1, 1e9 + 1);
    await expect(file.asks(a)).resolves.toEqual({});
    expect(file.told).toHaveLength(2);
  });
});

describe('add and remove', () => {
  test('keep comments, bad lines and labels, and write a private file', async () => {
    await using file = await fixture(`# mine\n${a.compact} laptop\noops\n# end`);
    await expect(file.authorizer.add(b, 'phone')).resolves.toBe(true);
    await expect(file.authorizer.add(b)).resolves.toBe(false);
    expect(await file.text()).toBe(`# mine\n${a.compact} laptop\noops\n# end\n${b.compact} phone\n`);
    await expect(file.authorizer.add(b, 'tablet')).resolves.toBe(false);
    await expect(file.asks(b)).resolves.toEqual({ label: 'tablet' });
    await expect(file.authorizer.remove(a)).resolves.toBe(true);
    await expect(file.authorizer.remove(a)).resolves.toBe(false);
    expect(await file.text()).toBe(`# mine\noops\n# end\n${b.compact} tablet\n`);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(file.directory.path('.'))).toEqual(['authorized_fingerprints']);
  });

  test('make the file and its directory', async () => {
    await using directory = await temporaryDirectory();
    const authorizer = new FileAuthorizer(directory.path('new/authorized_fingerprints'));
    await expect(authorizer.remove(a)).resolves.toBe(false);
    await expect(authorizer.add(a)).resolves.toBe(true);
    expect((await stat(directory.path('new'))).mode & 0o777).toBe(0o700);
    await expect(authorizer.authorize({ ...stranger, fingerprint: a }, never())).resolves.toEqual({});
  });

  test('leave a symbolic link in its place', async () => {
    await using file = await fixture('');
    await rename(file.path, file.directory.path('elsewhere'));
    await symlink(file.directory.path('elsewhere'), file.path);
    await expect(file.authorizer.add(a)).resolves.toBe(true);
    expect(await readFile(file.directory.path('elsewhere'), 'utf8')).toBe(`${a.compact}\n`);
    expect((await lstat(file.path)).isSymbolicLink()).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('leave the owner, when root does it (needs root)', async () => {
    await using file = await fixture('');
    await chown(file.path, 4321, 4321);
    await expect(file.authorizer.add(a)).resolves.toBe(true);
    expect(await stat(file.path)).toMatchObject({ uid: 4321, gid: 4321 });
  });

  test('a label cannot smuggle in another entry', async () => {
    await using file = await fixture('');
    for (const label of [
      `x\n${b.compact}`,
      `x\r${b.compact}`,
      'x\u2028y',
      '\u001b[2J',
      'x'.repeat(MAX_LABEL_CHARS + 1),
    ]) {
      await expect(file.authorizer.add(a, label)).rejects.toMatchObject({ code: 'bad-label' });
    }
    await expect(file.authorizer.list()).resolves.toEqual([]);
    await expect(file.authorizer.add(a, 'x'.repeat(MAX_LABEL_CHARS))).resolves.toBe(true);
  });

  test('many writers at once lose nothing', async () => {
    await using file = await fixture('# kept\n');
    const all = Array.from({ length: 20 }, (_, index) => fingerprintOf(index));
    const other = new FileAuthorizer(file.path);
    await Promise.all(
      all.map((each, index) => (index % 2 === 0 ? file.authorizer : other).add(each, `n${index}`)),
    );
    expect(await file.authorizer.list()).toHaveLength(20);
    await Promise.all(all.slice(5).map((each) => other.remove(each)));
    expect((await file.authorizer.list()).map((entry) => entry.label).sort()).toEqual([
      'n0',
      'n1',
      'n2',
      'n3',
      'n4',
    ]);
    expect(await file.text()).toMatch(/^# kept\n/);
  });

  test('a lock that a dead program left is no hindrance', async () => {
    await using file = await fixture('');
    await writeFile(`${file.path}.lock`, '');
    await utimes(`${file.path}.lock`, 1e9, 1e9);
    await expect(file.authorizer.add(a)).resolves.toBe(true);
  });
});

describe('any text', () => {
  const lines = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.stringMatching(/^[0-9A-Fa-f]{62,66}( .{0,9})?$/),
    fc.constant(`${a.compact} x`),
  );
  const texts = fc.array(lines, { maxLength: 6 }).map((all) => all.join('\n'));

  test('is read without throwing; adding and removing touch only the one entry', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { entries, badLines } = parseAuthorizedLines(text);
        expect(entries.length + badLines.length).toBeLessThanOrEqual(text.split('\n').length);
        const others = entries
          .filter((entry) => !entry.fingerprint.equals(b))
          .map(({ line: _line, ...rest }) => rest);
        const added = withEntry(text, b, 'new');
        expect(parseAuthorizedLines(added).entries.at(-1)).toMatchObject({ label: 'new' });
        const left = parseAuthorizedLines(withoutEntry(added, b)).entries.map(
          ({ line: _line, ...rest }) => rest,
        );
        expect(left).toEqual(others);
      }),
      { numRuns: 10_000 },
    );
  });

  test('labels of any provenance are kept on one line or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (label) => {
        try {
          expect(parseAuthorizedLines(withEntry('', a, label)).entries).toHaveLength(1);
        } catch (error) {
          expect(error).toBeInstanceOf(FingerprintError);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
