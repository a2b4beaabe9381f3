import { expect, test } from 'vitest';
import { ERROR_EDGES, SignalingError } from '../src/index.ts';

test('an AbortSignal.timeout reason becomes a timeout', async () => {
  const thrown = await new Promise((resolve) => {
    const signal = AbortSignal.timeout(1);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
  expect(SignalingError.from(thrown).code).toBe('timeout');
});

test('close codes of different errors differ', () => {
  const codes = Object.values(ERROR_EDGES).map((edge) => edge.webSocket);
  expect(new Set(codes).size).toBe(codes.length);
});
