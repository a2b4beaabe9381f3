import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMMANDS, ControlChannel, ControlError, decodeArgs, isCommandType } from '../src/index.ts';
import { FakeChannel } from './fake-channel.ts';

const CASES = { numRuns: 10_000 };
const types = Object.keys(COMMANDS).filter(isCommandType);

/** Every member a command may have, with values that are nearly right. */
const args = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record(
    Object.fromEntries(
      [
        'command',
        'rows',
        'cols',
        'parent',
        'env',
        'id',
        'pane_id',
        'sx',
        'sy',
        'marker',
        'payload',
        'data',
        'ref',
        'bytes',
        'name',
        'code',
        'signal',
      ].map((key) => [key, fc.oneof(fc.integer(), fc.double(), fc.string(), fc.jsonValue({ maxDepth: 1 }))]),
    ),
    { requiredKeys: [] },
  ),
);
const envelope = fc.record(
  {
    time: fc.anything(),
    message_id: fc.oneof(fc.nat(), fc.integer(), fc.string(), fc.constant(null)),
    type: fc.oneof(fc.constantFrom('ack', 'nack', ...types), fc.string(), fc.integer()),
    args,
  },
  { requiredKeys: [] },
);
const message = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  envelope.map((value) => {
    try {
      return JSON.stringify(value);
    } catch {
      return '{}';
    }
  }),
  fc.anything(),
);

test('no message makes a control channel throw, or speak of anything but what was asked', () => {
  const channel = new FakeChannel();
  const control = new ControlChannel(channel);
  control.onRequest(({ type, args: given }) => {
    if (isCommandType(type)) decodeArgs(type, given);
    return '';
  });
  fc.assert(
    fc.property(message, (data) => {
      channel.receive(data);
      channel.drain();
      channel.sent.length = 0;
    }),
    CASES,
  );
  expect(channel.readyState).toBe('open');
});

test('decodeArgs throws nothing but ControlError', () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.oneof(args, fc.anything()), (type, given) => {
      try {
        decodeArgs(type, given);
      } catch (error) {
        expect(error).toBeInstanceOf(ControlError);
      }
    }),
    CASES,
  );
});
