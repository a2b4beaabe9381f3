import { expect } from 'vitest';
import { SignalingError, type SignalingErrorCode } from '../errors.ts';

/** The SignalingError that this rejects with; the test fails if it resolves or rejects with anything else. */
async function failure(promise: Promise<unknown>, what: string): Promise<SignalingError> {
  const thrown = await promise.then(
    (value) => new Error(`${what}: it went well and gave ${describeValue(value)}`),
    (reason: unknown) => reason,
  );
  if (thrown instanceof SignalingError) return thrown;
  throw new Error(`${what}: a SignalingError was expected`, { cause: thrown });
}

/** Asserts that this rejects with a SignalingError of one of these codes. */
export async function expectFailure(
  promise: Promise<unknown>,
  codes: readonly SignalingErrorCode[],
  what: string,
): Promise<void> {
  const { code } = await failure(promise, what);
  expect(codes, `${what}: its code`).toContain(code);
}

function describeValue(value: unknown): string {
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => (isTyped(one) ? `a signal "${String(one.type)}"` : String(one))).join(', ');
}

function isTyped(value: unknown): value is { type: unknown } {
  return typeof value === 'object' && value !== null && 'type' in value;
}
