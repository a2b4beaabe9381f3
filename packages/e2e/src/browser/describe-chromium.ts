import { describe } from 'vitest';
import { describeUnless, whereIs } from '../lab/requirements.ts';
import { BROWSER_TEST_MS } from './constants.ts';

/**
 * A `describe` for tests with a real browser, each of which may take its time; without one they are skipped under a name
 * that says why.
 */
export const describeChromium = (name: string, body: () => void): void =>
  describeUnless(whereIs('chromium') === undefined ? 'it needs chromium' : undefined, name, () =>
    describe('in Chromium', { timeout: BROWSER_TEST_MS }, body),
  );
