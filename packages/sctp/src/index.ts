/**
 * SCTP over DTLS (RFC 9260, RFC 8261) and the data channels on it (RFC 8831, RFC 8832).
 *
 * @packageDocumentation
 */
export { Association } from './association.ts';
export type { AssociationOptions } from './association-options.ts';
export { Channels, type ChannelsOptions } from './channel/channels.ts';
export { MAX_BUFFERED_BYTES, MAX_CHANNELS, MAX_NAME_BYTES } from './channel/constants.ts';
export { DataChannel, type DataChannelEvents } from './channel/data-channel.ts';
export type { PathLimits } from './congestion.ts';
export { INIT_DEFERRAL_MS, LOOPBACK_PATH, MAX_MESSAGE_BYTES, SCTP_PORT, UNKNOWN_PATH } from './constants.ts';
export { SctpError } from './errors.ts';
