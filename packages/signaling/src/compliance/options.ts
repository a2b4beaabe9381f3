import type { ComplianceCaseName } from './cases/index.ts';
import type { ComplianceFixture } from './fixture.ts';

/** What a transport cannot do by its nature, and why; the test report shows it. */
export interface ComplianceSkip {
  readonly reason: string;
  readonly cases: readonly [ComplianceCaseName, ...ComplianceCaseName[]];
}

/** What a transport gives to `signalingCompliance`. */
export interface ComplianceOptions {
  /** Called anew for every test. */
  setup(): Promise<ComplianceFixture>;
  readonly skip?: readonly ComplianceSkip[];
  /** Longest time of one test, in ms; vitest's own default unless told. */
  readonly timeoutMs?: number;
}
