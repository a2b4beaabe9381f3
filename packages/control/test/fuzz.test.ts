import fc from 'fast-check';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { ControlChannel, ControlError, checkRequest } from '../src/index.ts';
import { FakeChannel } from './fake-channel.ts';

const CASES = { numRuns: 10_000 };
const Count = Type.Integer({ minimum: 0 });
const COMMANDS = {
  none: Type.Unknown(),
  place: Type.Object({ id: Type.Union([Count, Type.String({ pattern: '^[0-9]{1,15}$' })]), rows: Count }),
  store: Type.Object({ data: Type.Record(Type.String(), Type.String()), name: Type.Optional(Type.Null()) }),
};
const types = Object.keys(COMMANDS);

/** Every member a command may have, with values that are nearly right. */
const args = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record(
    Object.fromEntries(
      ['id', 'rows', 'data', 'name', 'ref'].map((key) => [
        key,
        fc.oneof(fc.integer(), fc.double(), fc.string(), fc.jsonValue({ maxDepth: 1 })),
      ]),
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
  const control = new ControlChannel(channel, COMMANDS);
  control.onRequest(() => '');
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

test('checkRequest throws nothing but ControlError', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...types), fc.string()),
      fc.oneof(args, fc.anything()),
      (type, given) => {
        try {
          checkRequest(COMMANDS, { id: 0, type, args: given });
        } catch (error) {
          expect(error).toBeInstanceOf(ControlError);
        }
      },
    ),
    CASES,
  );
});
