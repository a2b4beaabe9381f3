import { describeUnless, whereIs } from '../lab/requirements.ts';

/** A `describe` for tests with a real browser; without one they are skipped under a name that says why. */
export const describeChromium = (name: string, body: () => void): void =>
  describeUnless(whereIs('chromium') === undefined ? 'it needs chromium' : undefined, name, body);
