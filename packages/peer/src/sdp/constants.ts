/** RFC 8841 section 5: the one format of a data channel section. */
export const DATA_CHANNEL_FORMAT = 'webrtc-datachannel';
export const DATA_CHANNEL_PROTOCOLS: readonly string[] = ['UDP/DTLS/SCTP', 'TCP/DTLS/SCTP'];

/**
 * Our own attribute: the largest SCTP packet, in bytes, that this end takes in one DTLS record. Others pass over it
 * (RFC 8866 section 5.13) and do not have it; browsers drop records over 2 KiB, other stacks those over 8 KiB.
 */
export const PACKET_SIZE_ATTRIBUTE = 'ouro-max-packet-size';

/** Name of our section when we offer. */
export const OFFERED_MID = '0';

/** RFC 8839 section 5.4. Any printable character but those that STUN and SDP use between ufrags is taken. */
export const UFRAG = /^[!-9;-~]{4,256}$/;
export const PWD = /^[!-~]{22,256}$/;

/** Most sections of a far end's description: what a browser with many tracks offers, and far more than we use. */
export const MAX_SECTIONS = 64;
