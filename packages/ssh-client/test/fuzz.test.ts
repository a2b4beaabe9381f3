import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicBlobOfPrivateKey } from '../src/auth/public-key.ts';
import { sshConfigOf } from '../src/config/ssh-config.ts';
import { parseSshG } from '../src/config/ssh-g.ts';
import { parseSshTarget } from '../src/config/target.ts';
import { SshError } from '../src/errors.ts';
import { lineMatches, parseKnownHostLine } from '../src/known-hosts/line.ts';
import { printable } from '../src/prompt.ts';

const RUNS = { numRuns: 10_000 };

/** Bytes made of pieces of the format and of anything else. */
const bytesOf = (...pieces: readonly string[]): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...pieces).map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      ),
      { maxLength: 12 },
    )
    .map((parts) => Buffer.concat(parts));

const textOf = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 12, unit: 'binary' })), {
      maxLength: 10,
    })
    .map((parts) => parts.join(''));

/** What it throws, if anything, is of this class. */
const throwsOnly = (allowed: new (...args: never[]) => Error, act: () => unknown): void => {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(allowed);
  }
};

describe('whatever comes in', { timeout: 60_000 }, () => {
  it('a line of known_hosts never throws, and only a whole key is one', () => {
    const line = textOf(
      '@revoked',
      '@cert-authority',
      ' ',
      '\t',
      '|1|',
      'host',
      '*',
      '!',
      ',',
      '[host]:22',
      'ssh-ed25519',
      'AAAAC3NzaC1lZDI1NTE5AAAA',
      '#',
    );
    fc.assert(
      fc.property(line, textOf('host', '[', ']:22', '*'), (text, name) => {
        const parsed = parseKnownHostLine(text);
        if (parsed) expect(typeof lineMatches(parsed, name)).toBe('boolean');
      }),
      RUNS,
    );
  });

  it('a pattern of many stars does not stall', () => {
    const line = parseKnownHostLine(`${'*a'.repeat(2_000)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA`);
    expect(line && lineMatches(line, 'a'.repeat(250))).toBe(false);
  });

  it('the output of ssh -G throws nothing but SshError, and every value fits its type', () => {
    const output = textOf(
      'hostname x\n',
      'port 22\n',
      'port -1\n',
      'user a\n',
      'identityfile ~/.ssh/id\n',
      'proxyjump a,b\n',
      'userknownhostsfile /a b /c\n',
      'connecttimeout none\n',
      'stricthostkeychecking true\n',
      ' ',
      '\n',
      '\r\n',
    );
    fc.assert(
      fc.property(output, (text) => {
        throwsOnly(SshError, () => {
          const config = sshConfigOf('host', parseSshG(text), 'me');
          expect(Number.isInteger(config.port) && config.port >= 0 && config.port <= 65_535).toBe(true);
          expect(config.userKnownHostsFiles.every((file) => file !== '')).toBe(true);
        });
      }),
      RUNS,
    );
  });

  it('a target throws nothing but SshError, and never becomes an option or a second word', () => {
    fc.assert(
      fc.property(
        textOf('ssh://', '@', ':', '[', ']', '-', 'host', '22', ' ', '\n', '$(x)', '`', ';'),
        (text) => {
          throwsOnly(SshError, () => {
            const { host, user } = parseSshTarget(text);
            expect(host).toMatch(/^[^-\s;$`'"|&]/);
            expect(`${user ?? ''}${host}`).not.toMatch(/[\s;$`'"|&\0]/);
          });
        },
      ),
      RUNS,
    );
  });

  it('a private key file gives a public key or nothing', () => {
    const inner = bytesOf('openssh-key-v1\0', '\0\0\0\x04none', '\0\0\0\0', '\0\0\0\x01', '\xff\xff\xff\xff');
    fc.assert(
      fc.property(inner, (bytes) => {
        const base64 = Buffer.from(bytes).toString('base64');
        const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
        expect(publicBlobOfPrivateKey(pem)?.length).not.toBe(0);
      }),
      RUNS,
    );
  });

  it('text of a server cannot move the cursor', () => {
    fc.assert(
      fc.property(textOf('\x1b[2J', '\r', '\u009b', '\u202e', '\x07', 'Password: '), (text) => {
        expect(printable(text)).not.toMatch(/[^\P{C}\n\t]/u);
      }),
      RUNS,
    );
  });
});
