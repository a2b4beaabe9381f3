import { COMPLIANCE_CASES, type ComplianceCaseName } from './cases/index.ts';
import type { ComplianceSkip } from './options.ts';

/** One case of a run, and why it is skipped if it is. */
export interface PlannedCase {
  readonly name: ComplianceCaseName;
  readonly skippedFor: string | undefined;
}

/**
 * What a run consists of.
 * @throws Error when a skip has no reason or names no case, or one twice, and when no case is left
 */
export function planCases(skip: readonly ComplianceSkip[]): PlannedCase[] {
  const reasons = new Map<string, string>();
  for (const { reason, cases } of skip) {
    if (reason.trim() === '') throw new Error('A compliance case was skipped without a reason');
    for (const name of cases) {
      if (!Object.hasOwn(COMPLIANCE_CASES, name))
        throw new Error(`There is no compliance case "${name}" to skip`);
      if (reasons.has(name)) throw new Error(`The compliance case "${name}" was skipped twice`);
      reasons.set(name, reason);
    }
  }
  const names = Object.keys(COMPLIANCE_CASES).filter(isCaseName);
  if (names.every((name) => reasons.has(name))) throw new Error('Every compliance case was skipped');
  return names.map((name) => ({ name, skippedFor: reasons.get(name) }));
}

function isCaseName(name: string): name is ComplianceCaseName {
  return Object.hasOwn(COMPLIANCE_CASES, name);
}
