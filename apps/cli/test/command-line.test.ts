import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../src/constants.ts';
import { CliError } from '../src/errors.ts';
import type { ConnectInvocation } from '../src/invocation.ts';

const URL_TEXT = 'http://127.0.0.1:7777';

function connect(...args: string[]): ConnectInvocation {
  const invocation = parseCommandLine(args, '1.2.3');
  if (invocation.action !== 'connect') throw new Error(`It is ${invocation.action}`);
  return invocation;
}

function printed(...args: string[]): string {
  const invocation = parseCommandLine(args, '1.2.3');
  return invocation.action === 'print' ? invocation.text : '';
}

describe('the command line', () => {
  it('takes a target with and without the word connect', () => {
    expect(connect(URL_TEXT)).toEqual(connect('connect', URL_TEXT));
    expect(connect(URL_TEXT)).toMatchObject({
      command: [],
      terminal: 'auto',
      noInput: false,
      escape: 0x7e,
      timeoutMs: DEFAULT_CONNECT_TIMEOUT_MS,
      report: { verbose: false, json: false, quiet: false },
    });
  });

  it('leaves the words of the command as they are', () => {
    const command = ['sh', '-c', 'cat; exit 7', '-v', '', '--', '~.'];
    expect(connect(URL_TEXT, '--', ...command).command).toEqual(command);
    expect(connect('-v', URL_TEXT, '--', ...command)).toMatchObject({ command, report: { verbose: true } });
    expect(connect(URL_TEXT, 'uname').command).toEqual(['uname']);
  });

  it('takes each option before and after the target', () => {
    expect(connect('-t', URL_TEXT).terminal).toBe('force');
    expect(connect(URL_TEXT, '-T').terminal).toBe('never');
    expect(connect(URL_TEXT, '--json', '-q').report).toEqual({ verbose: false, json: true, quiet: true });
    expect(connect(URL_TEXT, '-n').noInput).toBe(true);
    expect(connect(URL_TEXT, '--timeout', '2.5').timeoutMs).toBe(2500);
    expect(connect(URL_TEXT, '--attach', '0').attach).toBe(0);
    expect(connect(URL_TEXT, '-e', 'none').escape).toBeUndefined();
    expect(connect(URL_TEXT, '-e', '^]').escape).toBe(0x1d);
    expect(connect(URL_TEXT, '--token-file', '/t').tokenFile).toBe('/t');
  });

  test.each([
    [['--bogus', URL_TEXT]],
    [[URL_TEXT, 'ls', '-l']],
    [[URL_TEXT, '--timeout', '0']],
    [[URL_TEXT, '--timeout', '']],
    [[URL_TEXT, '--timeout', 'NaN']],
    [[URL_TEXT, '--timeout', '3601']],
    [[URL_TEXT, '--attach', '-1']],
    [[URL_TEXT, '--attach', 'x']],
    [[URL_TEXT, '--attach', '1', '--', 'ls']],
    [[URL_TEXT, '-e', 'ab']],
    [['connect']],
    [['forget']],
    [['fingerprint', 'x']],
  ])('%j is a wrong use', (args) => {
    expect(() => parseCommandLine(args, '1.2.3')).toThrow(
      expect.objectContaining({ code: 'usage', exit: 64 }),
    );
  });

  it('says where the options of a far command go', () => {
    expect(() => connect(URL_TEXT, 'ls', '-l')).toThrow(/--\. See ouro help connect/);
  });

  it('prints its version and its help', () => {
    expect(printed('--version')).toBe('1.2.3\n');
    expect(printed('help')).toContain('fingerprint');
    expect(printed('--help')).toContain('forget');
    expect(printed()).toContain('Usage: ouro');
    expect(printed('help', 'connect')).toContain('--attach');
    expect(printed('connect', '--help')).toContain('--timeout');
  });

  it('names the other commands', () => {
    expect(parseCommandLine(['fingerprint'], '1.2.3')).toEqual({ action: 'fingerprint' });
    expect(parseCommandLine(['forget', 'box'], '1.2.3')).toEqual({
      action: 'forget',
      target: expect.objectContaining({ transport: 'ssh', host: 'box' }),
    });
  });

  it('of any words is an invocation or an error of a known code', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '--',
        '-v',
        '-t',
        '-T',
        '--attach',
        '--timeout',
        '-e',
        'connect',
        'help',
        '3',
        URL_TEXT,
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        try {
          parseCommandLine(args, '1.2.3');
        } catch (error) {
          if (!(error instanceof CliError)) expect(error).toMatchObject({ code: 'unknown-host' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
