export type { ComplianceFixture, ComplianceOptions, Side } from './fixture.ts';
