import { describe, expect, test } from 'vitest';
import { loginShell, paneEnvironment } from '../src/spawn/environment.ts';

const account = { name: 'someone', home: '/home/someone', shell: '/bin/zsh' };
const parts = { inherited: {}, account, accept: ['*'], socket: '/run/agent.sock', config: {}, request: {} };

describe('the environment of a pane', () => {
  test('is sane when the agent has none', () => {
    expect(paneEnvironment(parts)).toEqual({
      PATH: expect.stringContaining('/usr/bin'),
      HOME: '/home/someone',
      USER: 'someone',
      LOGNAME: 'someone',
      SHELL: '/bin/zsh',
      TERM: 'xterm-256color',
      WEBEXEC: '/run/agent.sock',
    });
  });

  test('keeps what is the user’s and drops what was of the terminal or login the agent was started from', () => {
    const inherited = {
      LANG: 'C.UTF-8',
      PATH: '/mine',
      TMUX: 'x',
      COLUMNS: '1',
      npm_config_a: 'b',
      PWD: '/',
      SSH_AUTH_SOCK: '/a',
    };
    const fromDesk = paneEnvironment({ ...parts, inherited });
    expect(fromDesk).toMatchObject({ LANG: 'C.UTF-8', PATH: '/mine', SSH_AUTH_SOCK: '/a' });
    for (const name of ['TMUX', 'COLUMNS', 'npm_config_a', 'PWD']) expect(fromDesk).not.toHaveProperty(name);
    const fromSsh = paneEnvironment({ ...parts, inherited: { ...inherited, SSH_CONNECTION: '1 2 3 4' } });
    expect(fromSsh).not.toHaveProperty('SSH_AUTH_SOCK');
    expect(fromSsh).not.toHaveProperty('SSH_CONNECTION');
  });

  test('the client’s word counts more than the config’s, and the config’s more than ours', () => {
    const env = paneEnvironment({ ...parts, config: { TERM: 'dumb', A: '1' }, request: { A: '2' } });
    expect(env).toMatchObject({ TERM: 'dumb', A: '2' });
  });

  test('COLORTERM is the client’s word; one that cannot say has every colour', () => {
    const inherited = { COLORTERM: '24bit' };
    const colours = (request: Record<string, string> | undefined) =>
      paneEnvironment({ ...parts, inherited, request }).COLORTERM;
    expect(colours({})).toBeUndefined();
    expect(colours({ COLORTERM: 'yes' })).toBe('yes');
    expect(colours(undefined)).toBe('truecolor');
  });

  test('a client sets only the names that its host accepts', () => {
    const request = { LANG: 'de_DE.UTF-8', LC_TIME: 'C', XLC_TIME: 'C', LANGUAGE: 'de', LD_PRELOAD: '/x.so' };
    const accepted = (accept: string[]) => {
      const env = paneEnvironment({ ...parts, accept, request });
      return Object.keys(request).filter((name) => Object.hasOwn(env, name));
    };
    expect(accepted(['LANG', 'LC_*'])).toEqual(['LANG', 'LC_TIME']);
    expect(accepted(['*LC_*'])).toEqual(['LC_TIME', 'XLC_TIME']);
    expect(accepted([])).toEqual([]);
  });

  test('what no environment can hold is left out', () => {
    const env = paneEnvironment({ ...parts, request: { 'A=B': '1', '': '1', C: 'x\0y', D: 'ok' } });
    expect(Object.keys(env).filter((name) => !/^[A-Z]+$/.test(name))).toEqual([]);
    expect(env).not.toHaveProperty('C');
    expect(env.D).toBe('ok');
  });

  test('login shells', () => {
    expect(loginShell('/bin/zsh')).toEqual(['/bin/zsh', '-l']);
    expect(loginShell('/opt/elvish')).toEqual(['/opt/elvish']);
  });
});
