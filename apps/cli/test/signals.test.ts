import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { FatalSignals, Signalled, type SignalSource } from '../src/session/signals.ts';

class FakeProcess extends EventEmitter implements SignalSource {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

it('the first signal aborts with its exit code, the second exits at once', () => {
  const source = new FakeProcess();
  using signals = new FatalSignals(source);
  source.emit('SIGTERM', 'SIGTERM');
  expect(signals.signal.reason).toBeInstanceOf(Signalled);
  expect(signals.signal.reason).toMatchObject({ signal: 'SIGTERM', forCommand: 'TERM', exit: 143 });
  expect(source.exits).toEqual([]);
  source.emit('SIGINT', 'SIGINT');
  expect(source.exits).toEqual([130]);
});

it('a hang-up that is told twice is one', () => {
  const source = new FakeProcess();
  using signals = new FatalSignals(source);
  source.emit('SIGHUP', 'SIGHUP');
  source.emit('SIGHUP', 'SIGHUP');
  expect(signals.signal.reason).toMatchObject({ signal: 'SIGHUP', exit: 129 });
  expect(source.exits).toEqual([]);
});

it('nothing is listened to after the end', () => {
  const source = new FakeProcess();
  new FatalSignals(source)[Symbol.dispose]();
  expect(source.eventNames()).toEqual([]);
});
