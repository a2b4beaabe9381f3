export { Association, type AssociationOptions } from './association.ts';
export {
  INIT_DEFERRAL_MS,
  LOOPBACK_MTU_BYTES,
  MAX_MESSAGE_BYTES,
  PATH_MTU_BYTES,
  SCTP_PORT,
} from './constants.ts';
export { SctpError, type SctpErrorCode } from './errors.ts';
