import { describe, expect, it } from 'vitest';
import { COMPLIANCE_CASES } from './cases/index.ts';
import type { ComplianceOptions } from './options.ts';
import { type PlannedCase, planCases } from './plan.ts';

/**
 * Registers the tests that every transport passes, inside the caller's own `describe`. Each test sets up a
 * fixture of its own and disposes it. A case that the transport cannot have by its nature is no test of that transport, so it is
 * not registered as a skipped one; the title names it and the reason.
 * @throws Error at registration, when `skip` names what is not there or leaves nothing
 */
export function signalingCompliance({ setup, skip = [], timeoutMs }: ComplianceOptions): void {
  const plan = planCases(skip);
  describe(titleOf(plan), timeoutMs === undefined ? {} : { timeout: timeoutMs }, () => {
    for (const { name } of plan.filter(({ skippedFor }) => skippedFor === undefined)) {
      it(name, async ({ signal }) => {
        expect.hasAssertions();
        await using fixture = await setup();
        await COMPLIANCE_CASES[name](fixture, { signal });
      });
    }
  });
}

function titleOf(plan: readonly PlannedCase[]): string {
  const without = plan.flatMap(({ name, skippedFor }) =>
    skippedFor === undefined ? [] : [` (without "${name}": ${skippedFor})`],
  );
  return `signaling compliance${without.join('')}`;
}
