export type { ComplianceCaseName } from './cases/index.ts';
export type { ComplianceFixture, ComplianceOptions, ComplianceSkip, Side } from './fixture.ts';
export { AUTHORIZED_FINGERPRINT, STRANGER_FINGERPRINT } from './samples.ts';
export { signalingCompliance } from './signaling-compliance.ts';
