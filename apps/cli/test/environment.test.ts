import { MAX_ENV } from '@ouro/session/client';
import { describe, expect, it } from 'vitest';
import { farEnvironment } from '../src/session/environment.ts';

const MINE = { LANG: 'C', LC_ALL: 'de', LCX: 'no', TERM: 'xterm', COLORTERM: 'truecolor', LC_EMPTY: '' };

describe('what a far program gets of this environment', () => {
  it('is the locale, and with a terminal what that can show', () => {
    expect(farEnvironment(MINE, { terminal: false, named: {} })).toEqual({ LANG: 'C', LC_ALL: 'de' });
    const shown = { LANG: 'C', LC_ALL: 'de', TERM: 'xterm', COLORTERM: 'truecolor' };
    expect(farEnvironment(MINE, { terminal: true, named: {} })).toEqual(shown);
    expect(farEnvironment({ TERM: 'xterm' }, { terminal: true, named: {} })).toEqual({ TERM: 'xterm' });
  });

  it('is what the configuration names first of all', () => {
    const named = { LANG: 'fr', FOO: 'bar' };
    expect(farEnvironment(MINE, { terminal: false, named })).toEqual({
      LANG: 'fr',
      FOO: 'bar',
      LC_ALL: 'de',
    });
  });

  it('never goes beyond what a session takes', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`LC_${i}`, 'x']));
    expect(Object.keys(farEnvironment(many, { terminal: false, named: {} }))).toHaveLength(MAX_ENV);
    const long = farEnvironment({ LANG: 'x'.repeat(40_000), LC_ALL: 'C' }, { terminal: false, named: {} });
    expect(long).toEqual({ LC_ALL: 'C' });
  });
});
