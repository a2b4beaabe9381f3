export type { ComplianceCaseName } from './cases/index.ts';
export type { ComplianceFixture, Side } from './fixture.ts';
export type { ComplianceOptions, ComplianceSkip } from './options.ts';
export { AUTHORIZED_FINGERPRINT, STRANGER_FINGERPRINT } from './samples.ts';
export { signalingCompliance } from './signaling-compliance.ts';
