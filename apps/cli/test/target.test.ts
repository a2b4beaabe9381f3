import { isLoopback } from '@ouro/base';
import { SignalingError } from '@ouro/signaling';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { MAX_TARGET_LENGTH } from '../src/constants.ts';
import { parseLogin } from '../src/ssh/account.ts';
import { printable } from '../src/target.ts';
import { parseTarget } from '../src/transports.ts';

function urlOf(text: string): string {
  const target = parseTarget(text);
  return target.transport === 'whip' ? target.address : '';
}

describe('a target', () => {
  test.each([
    ['http://127.0.0.1:7777', 'http://127.0.0.1:7777/offer'],
    ['http://127.0.0.1:7777/', 'http://127.0.0.1:7777/offer'],
    ['HTTPS://Box.example', 'https://box.example/offer'],
    ['https://box.example/alice/offer', 'https://box.example/alice/offer'],
    ['https://box.example/whip?room=1#top', 'https://box.example/whip?room=1'],
    ['http://[::1]:7777', 'http://[::1]:7777/offer'],
  ])('%s is reached by WHIP at %s', (text, url) => {
    expect(urlOf(text)).toBe(url);
  });

  test.each([
    ['box', { host: 'box' }],
    ['me@box.example', { user: 'me', host: 'box.example' }],
    ['me@corp.example@box', { user: 'me@corp.example', host: 'box' }],
    ['fe80::1', { host: 'fe80::1' }],
  ])('%s is reached by SSH', (text, login) => {
    const target = parseTarget(text);
    expect(target).toMatchObject({ transport: 'ssh', address: text });
    expect(parseLogin(target.address)).toEqual(login);
  });

  test.each([
    '',
    '@box',
    'me@',
    '-oProxyCommand=x',
    'me@-oProxyCommand=x',
    '-l@box',
    'a b',
    'box;reboot',
    '$(reboot)',
    'ftp://box',
    'ssh://box',
    'http://',
    'http://me:secret@box',
    `http://${'a'.repeat(MAX_TARGET_LENGTH)}`,
    'box\u0007',
  ])('%j is refused', (text) => {
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'unknown-host' }));
  });

  it('never repeats a secret of a URL in its refusal', () => {
    expect(() => parseTarget('http://me:hunter2@box')).toThrow(/^(?!.*hunter2)/);
  });

  it('of any text is a target or a SignalingError', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.string().map((text) => `http://${text}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseTarget(text).name).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(SignalingError);
          if (error instanceof SignalingError) expect(printable(error.message)).toBe(error.message);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

test('loopback is this machine only', () => {
  const answers = [
    'http://127.0.0.1',
    'http://127.9.9.9:1',
    'http://localhost',
    'http://a.localhost',
    'http://[::1]:7',
  ];
  for (const url of answers) expect(isLoopback(new URL(url).hostname), url).toBe(true);
  for (const url of [
    'http://127.0.0.1.example',
    'http://128.0.0.1',
    'http://localhost.example',
    'http://[::2]',
  ]) {
    expect(isLoopback(new URL(url).hostname), url).toBe(false);
  }
});
