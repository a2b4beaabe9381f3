import { FingerprintError } from '@ouro/fingerprint/fingerprint';
import { SessionError } from '@ouro/session';
import { ERROR_EDGES, SignalingError, type SignalingErrorCode } from '@ouro/signaling';
import { describe, expect, it, test } from 'vitest';
import { CLI_ERROR_EXITS, CliError, type CliErrorCode } from '../src/errors.ts';
import { exitCodeOf } from '../src/exit-status.ts';
import { describeFailure } from '../src/failure.ts';
import { parseTarget } from '../src/transports.ts';

const FINGERPRINT = 'C3'.repeat(32);
const context = {
  target: parseTarget('http://box.example:7777'),
  fingerprint: FINGERPRINT,
  label: 'me@here',
  timeoutMs: 30_000,
  waitingFor: 'ICE',
};

describe('a failure', () => {
  const codes = Object.keys(ERROR_EDGES).filter((code): code is SignalingErrorCode => code in ERROR_EDGES);
  test.each(codes)('%s has its exit code from the table, and one message', (code) => {
    const failure = describeFailure(new SignalingError(code, 'Why it is so'), context);
    expect(failure).toMatchObject({ code, exit: ERROR_EDGES[code].exit });
    expect(failure.text).toMatch(/[.!?\n]$|\S$/);
    expect(failure.text).not.toContain('undefined');
  });

  it('unauthorized gives the command to run on the host', () => {
    const { text, exit } = describeFailure(new SignalingError('unauthorized', 'No'), context);
    expect(text).toContain(`\n  ouro-agent client add ${FINGERPRINT} me@here\n`);
    expect(exit).toBe(77);
  });

  it('fingerprint-mismatch says how to go on', () => {
    const error = new SignalingError('fingerprint-mismatch', 'It is another');
    const { text } = describeFailure(error, { ...context, pinned: true });
    expect(text).toContain('\n  ouro forget http://box.example:7777\n');
    expect(describeFailure(error, context).text).toBe('It is another.');
  });

  it('timeout names the step and the limit', () => {
    const { text, exit } = describeFailure(new DOMException('x', 'TimeoutError'), context);
    expect(text).toContain('30 s');
    expect(text).toContain('ICE');
    expect(exit).toBe(75);
  });

  it('lost says how to come back to the pane', () => {
    expect(
      describeFailure(new SessionError('lost', 'x'), { ...context, comeBack: 'ouro --attach 4 box' }).text,
    ).toContain('--attach 4');
  });

  it('of a name that is none and of one that is not found are told apart', () => {
    const unknown = new SignalingError('unknown-host', 'Cannot be used');
    expect(describeFailure(unknown, {}).text).toContain('Cannot be used');
    expect(describeFailure(unknown, context).text).toContain('box.example');
  });

  it('of the other parts keeps its exit code', () => {
    expect(describeFailure(new FingerprintError('permissions', 'Others can read it'), {}).exit).toBe(78);
    expect(describeFailure(new SessionError('spawn-failed', 'No such file'), {}).exit).toBe(127);
    for (const [code, exit] of Object.entries(CLI_ERROR_EXITS)) {
      expect(describeFailure(new CliError(code as CliErrorCode, 'x'), {}).exit).toBe(exit);
    }
    expect(describeFailure('a string', {})).toMatchObject({ code: 'internal', exit: 70 });
  });
});

test('a far exit status becomes the own', () => {
  expect(exitCodeOf({ code: 0, signal: null })).toBe(0);
  expect(exitCodeOf({ code: 7, signal: null })).toBe(7);
  expect(exitCodeOf({ code: null, signal: 'SIGTERM' })).toBe(143);
  expect(exitCodeOf({ code: null, signal: 'KILL' })).toBe(137);
  expect(exitCodeOf({ code: null, signal: 'SIGNONE' })).toBe(129);
  expect(exitCodeOf({ code: null, signal: null })).toBe(0);
});
