import { vi } from 'vitest';
import { asserting } from './asserting.mjs';

// Only what imports fast-check pays for it.
vi.mock('fast-check', async (importOriginal) => {
  const fastCheck = await importOriginal();
  const assert = asserting(fastCheck.assert, process.env);
  return { ...fastCheck, assert, default: { ...fastCheck.default, assert } };
});
