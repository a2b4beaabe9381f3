import { CROWD_CASES } from './crowd.ts';
import { ENDING_CASES } from './ending.ts';
import { EXCHANGE_CASES } from './exchange.ts';
import { HOSTILE_CASES } from './hostile.ts';
import { LISTENING_CASES } from './listening.ts';
import { RESTARTING_CASES } from './restarting.ts';

/** Every case by its name. */
export const COMPLIANCE_CASES = {
  ...EXCHANGE_CASES,
  ...LISTENING_CASES,
  ...RESTARTING_CASES,
  ...ENDING_CASES,
  ...HOSTILE_CASES,
  ...CROWD_CASES,
};

/** The name of a case. */
export type ComplianceCaseName = keyof typeof COMPLIANCE_CASES;
