import type { Abortable } from '../../signaler.ts';
import type { ComplianceFixture } from '../fixture.ts';

/** One thing every transport does. `signal` fires when the test has run too long. */
export type ComplianceCase = (fixture: ComplianceFixture, options: Abortable) => Promise<void>;
