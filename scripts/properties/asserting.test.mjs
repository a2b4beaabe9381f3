import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asserting } from './asserting.mjs';

/** The numbers that a property of three runs is given. */
function numbersOf(env, parameters = {}) {
  const numbers = [];
  const property = fc.property(fc.nat(), (n) => {
    numbers.push(n);
  });
  asserting(fc.assert, env)(property, { numRuns: 3, ...parameters });
  return numbers;
}

describe('the seed of a property', () => {
  test('is another one each time', () => {
    expect(numbersOf({})).not.toEqual(numbersOf({}));
  });

  test('is one and the same on a build server', () => {
    expect(numbersOf({ CI: 'true' })).toEqual(numbersOf({ CI: 'true' }));
  });

  test('is the one to replay', () => {
    const replayed = numbersOf({ OURO_PROPERTY_SEED: '-7', CI: 'true' });
    expect(replayed).toEqual(numbersOf({}, { seed: -7 }));
  });

  test.each([{ CI: 'true' }, { OURO_PROPERTY_SEED: '1' }, { OURO_PROPERTY_FUZZ_MS: '50' }])(
    'stays what a kept regression says, with %o',
    (env) => {
      expect(numbersOf(env, { seed: -7 })).toEqual(numbersOf({}, { seed: -7 }));
    },
  );
});

describe('a property that is fuzzed', () => {
  test('runs on fresh seeds until its time is over, at least once', async () => {
    const numbers = numbersOf({ OURO_PROPERTY_FUZZ_MS: '50', CI: 'true' });
    expect(numbers.length % 3).toBe(0);
    expect(new Set(numbers).size).toBeGreaterThan(3);
    let runs = 0;
    const property = fc.asyncProperty(fc.nat(), async () => {
      runs += 1;
    });
    await asserting(fc.assert, { OURO_PROPERTY_FUZZ_MS: '0.001' })(property, { numRuns: 3 });
    expect(runs).toBe(3);
  });

  test('fails with the seed that replays it', () => {
    const property = fc.property(fc.nat(), (n) => n % 1000 !== 999);
    const run = () => asserting(fc.assert, { OURO_PROPERTY_FUZZ_MS: '60000' })(property);
    expect(run).toThrow(/seed: -?\d+, path/);
  });
});
