export { Association } from './association.ts';
export type { PathLimits } from './congestion.ts';
export {
  INIT_DEFERRAL_MS,
  LOOPBACK_PATH,
  MAX_MESSAGE_BYTES,
  SCTP_PORT,
  UNKNOWN_PATH,
} from './constants.ts';
export { SctpError } from './errors.ts';
