import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProbe, usableNode } from '../src/install/probe.ts';
import { commandLine } from '../src/shell-words.ts';
import { sentEnvironment } from '../src/ssh/plain-pane.ts';

describe('a command for a far login shell', () => {
  it.each(['sh', 'bash'])('is read by %s word for word', (shell) => {
    const word = fc.string({ unit: fc.constantFrom(...'ab \'"\\$`!*?~;&|<>(){}[]#\n\t=%é') });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const line = commandLine(['printf', '%s\\0', ...words]);
        const { stdout } = spawnSync(shell, ['-c', line], { encoding: 'utf8' });
        expect(stdout).toBe(words.map((one) => `${one}\0`).join(''));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the environment that ssh sends', () => {
  it('follows SendEnv by pattern, then SetEnv', () => {
    const environment = { LANG: 'C', LC_ALL: 'C.UTF-8', LC: 'x', SECRET: 'y', A1: '1', A12: '2' };
    const config = { sendEnv: ['LANG', 'LC_*', 'A?'], setEnv: ['FOO=a=b', 'LANG=de', 'broken'] };
    const sent = { LANG: 'de', LC_ALL: 'C.UTF-8', A1: '1', FOO: 'a=b' };
    expect(sentEnvironment(config, environment)).toEqual(sent);
    expect(sentEnvironment({ sendEnv: ['L.NG', '(', '['], setEnv: [] }, environment)).toEqual({});
  });
});

describe('what a host says of itself', () => {
  it('is read among what its start-up files say', () => {
    const facts = parseProbe(
      'hello\nsystem Darwin arm64\ntool tar\ntool npm\ninstalled agent-1\nnode v20.1.0 /usr/bin/node\nnode v22.12.0 /a b/node\nsystemd yes\n',
    );
    expect(facts).toMatchObject({ platform: 'darwin', arch: 'arm64', installed: 'agent-1', systemd: true });
    expect([...facts.tools]).toEqual(['tar', 'npm']);
    expect(usableNode(facts)).toBe('/a b/node');
  });

  it.each([
    ['22.11.9', false],
    ['22.12.0', true],
    ['21.99.0', false],
    ['22.13.0', true],
    ['23.0.0', true],
    ['100.0.0', true],
  ])('Node %s: %s', (version, usable) => {
    expect(usableNode(parseProbe(`node v${version} /usr/bin/node\n`)) !== undefined).toBe(usable);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'system ',
      'node ',
      'v22',
      '.12.0',
      ' /x',
      '\n',
      'tool ',
      'installed ',
      '\0',
    );
    const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 8 }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (said) => {
        for (const { path } of parseProbe(said).nodes) expect(path.startsWith('/')).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});
