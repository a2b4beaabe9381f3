import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  anyOf,
  BearerAuthorizer,
  FileAuthorizer,
  LoginAuthorizer,
  MAX_TOKENS,
  MIN_TOKEN_CHARS,
  UnauthorizedError,
} from '../src/index.ts';
import { fingerprintOf, never, stranger, temporaryDirectory } from './helpers.ts';

const TOKEN = 'zB8q-1mT0vXw7Lr3_pKsYd2N';
const attacker = fingerprintOf(0xee);

describe('a bearer token', () => {
  const bearer = new BearerAuthorizer([{ token: TOKEN, label: 'phone' }, { token: `${TOKEN}2` }]);

  test('lets in who sends it', async () => {
    await expect(bearer.authorize({ ...stranger, bearer: TOKEN })).resolves.toEqual({ label: 'phone' });
    await expect(bearer.authorize({ ...stranger, bearer: `${TOKEN}2` })).resolves.toEqual({});
  });

  test.each([undefined, '', TOKEN.slice(1), TOKEN.toLowerCase(), `${TOKEN} `, 'x'.repeat(1e6)])(
    '%# is refused',
    async (sent) => {
      const request = { ...stranger, fingerprint: attacker, ...(sent === undefined ? {} : { bearer: sent }) };
      const refused = bearer.authorize(request);
      await expect(refused).rejects.toBeInstanceOf(UnauthorizedError);
      await expect(refused).rejects.toMatchObject({ code: 'unauthorized', presented: attacker.compact });
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(TOKEN.slice(1)) });
    },
  );

  test('must be long enough and not look like a fingerprint', () => {
    const make = (token: string) => () => new BearerAuthorizer([{ token }]);
    expect(make('x'.repeat(MIN_TOKEN_CHARS))).not.toThrow();
    for (const token of ['x'.repeat(MIN_TOKEN_CHARS - 1), attacker.compact, attacker.sdp, 'x'.repeat(5000)]) {
      expect(make(token)).toThrow(expect.objectContaining({ code: 'bad-token' }));
    }
  });

  test('there is a cap to how many are compared', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ token: `${TOKEN}${index}` }));
    expect(() => new BearerAuthorizer(many(MAX_TOKENS))).not.toThrow();
    expect(() => new BearerAuthorizer(many(MAX_TOKENS + 1))).toThrow(
      expect.objectContaining({ code: 'oversize' }),
    );
  });
});

describe('tokens and fingerprints never mix', () => {
  test('an authorized fingerprint sent as a token does not let another certificate in', async () => {
    await using directory = await temporaryDirectory();
    const file = new FileAuthorizer(directory.path('authorized_fingerprints'));
    const victim = fingerprintOf(0x11);
    await file.add(victim, 'victim');
    const all = anyOf(file, new BearerAuthorizer([{ token: TOKEN }]), new LoginAuthorizer());
    for (const bearer of [victim.compact, victim.sdp, victim.compact.toLowerCase()]) {
      for (const authorizer of [file, all]) {
        const asked = authorizer.authorize({ ...stranger, fingerprint: attacker, bearer }, never());
        await expect(asked).rejects.toBeInstanceOf(UnauthorizedError);
        await expect(authorizer.authorize({ ...stranger, bearer }, never())).rejects.toBeInstanceOf(
          UnauthorizedError,
        );
      }
    }
    await expect(file.authorize({ ...stranger, fingerprint: victim }, never())).resolves.toEqual({
      label: 'victim',
    });
  });

  test('a token in the list of fingerprints lets nobody in', async () => {
    await using directory = await temporaryDirectory();
    const path = directory.path('authorized_fingerprints');
    await writeFile(path, `${TOKEN} someone\n`, { mode: 0o600 });
    const file = new FileAuthorizer(path);
    const asked = file.authorize({ ...stranger, fingerprint: attacker, bearer: TOKEN }, never());
    await expect(asked).rejects.toBeInstanceOf(UnauthorizedError);
  });
});

describe('anyOf', () => {
  test('one of them is enough, and none of them is a refusal', async () => {
    const both = anyOf(new BearerAuthorizer([{ token: TOKEN }]), new LoginAuthorizer());
    const login = { kind: 'login', user: 'ada' } as const;
    await expect(both.authorize({ remote: login }, never())).resolves.toEqual({ label: 'ada' });
    await expect(both.authorize({ ...stranger, bearer: TOKEN }, never())).resolves.toEqual({});
    await expect(both.authorize(stranger, never())).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(anyOf().authorize(stranger, never())).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('a broken one does not keep others from letting in, but is told if nobody does', async () => {
    const broken = { authorize: () => Promise.reject(new Error('disk')) };
    const both = anyOf(broken, new BearerAuthorizer([{ token: TOKEN }]));
    await expect(both.authorize({ ...stranger, bearer: TOKEN }, never())).resolves.toEqual({});
    await expect(both.authorize(stranger, never())).rejects.toMatchObject({ code: 'internal' });
  });

  test('an abort ends it', async () => {
    const aborted = { authorize: () => Promise.reject(new DOMException('stop', 'AbortError')) };
    const both = anyOf(aborted, new BearerAuthorizer([{ token: TOKEN }]));
    await expect(both.authorize({ ...stranger, bearer: TOKEN }, never())).rejects.toMatchObject({
      code: 'aborted',
    });
  });
});
