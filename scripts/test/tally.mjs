/** @typedef {{ passed: number, failed: number, skipped: { name: string, reason?: string }[] }} Tally */

/** @type {Tally} */
export const NOTHING = { passed: 0, failed: 0, skipped: [] };

/**
 * @param {Tally} tally
 * @param {Partial<Tally>} more
 * @returns {Tally}
 */
export function add(tally, { passed = 0, failed = 0, skipped = [] }) {
  return {
    passed: tally.passed + passed,
    failed: tally.failed + failed,
    skipped: [...tally.skipped, ...skipped],
  };
}

/**
 * The last line, and whether it is a failure. Where nothing may be skipped, a skip is one.
 * @param {Tally} tally
 * @param {boolean} isStrict
 */
export function verdict({ passed, failed, skipped }, isStrict) {
  const bad = isStrict ? failed + skipped.length : failed;
  const rest = isStrict || skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return { line: `${passed} passed, ${bad} failed${rest}`, isFailure: bad > 0 || passed === 0 };
}
