import { describe, expect, it } from 'vitest';
import { COMPLIANCE_CASES } from './cases/index.ts';
import type { ComplianceOptions } from './fixture.ts';
import { planCases } from './plan.ts';

/**
 * Registers the tests that every road passes, inside the caller's own `describe`. Each test sets up a
 * fixture of its own and disposes it.
 * @throws Error at registration, when `skip` names what is not there or leaves nothing
 */
export function signalingCompliance({ setup, skip = [], timeoutMs }: ComplianceOptions): void {
  describe('signaling compliance', timeoutMs === undefined ? {} : { timeout: timeoutMs }, () => {
    for (const { name, skippedFor } of planCases(skip)) {
      if (skippedFor !== undefined) {
        it.skip(`${name} (skipped: ${skippedFor})`, () => {});
        continue;
      }
      it(name, async ({ signal }) => {
        expect.hasAssertions();
        await using fixture = await setup();
        await COMPLIANCE_CASES[name](fixture, { signal });
      });
    }
  });
}
