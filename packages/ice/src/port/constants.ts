import type { TimerOptions } from '@ouro/base';

/** No timer of a port keeps the process alive: its sockets do. */
export const UNREF: TimerOptions = { unref: true };
/** Bytes of the RFC 4571 length in front of every packet on TCP. */
export const FRAME_HEADER_BYTES = 2;
/** Largest packet in a frame, bytes: a DTLS record of 2^14 bytes, its header and the cipher's growth, rounded up. */
export const MAX_FRAME_BYTES = 16_896;
/** Largest first packet of a TCP connection, bytes: Binding requests have about 100, with a 256-character ufrag 400. */
export const MAX_FIRST_FRAME_BYTES = 600;
/** Milliseconds from accept to a whole first frame. The dialing side speaks at once: this is a slow link's round trip. */
export const FIRST_FRAME_TIMEOUT_MS = 10_000;
/** TCP connections that have not shown a valid first frame, in all. At 16 KiB each at most 16 MiB of this process. */
export const MAX_PENDING_SOCKETS = 1024;
/** The same of one remote address; many users may sit behind one NAT. Above it the oldest goes. */
export const MAX_PENDING_PER_ADDRESS = 64;
/** Attached TCP connections of one session. A peer dials once per address pair, and again after a break. */
export const MAX_SOCKETS_PER_SESSION = 8;
/** Remote UDP addresses of one session: its pairs, and the new ports of a NAT that rebinds. Above it the oldest goes. */
export const MAX_ADDRESSES_PER_SESSION = 32;
/** Bytes that wait to be written on one TCP connection; above it packets are dropped, as UDP would, and SCTP slows down. */
export const MAX_WRITE_BACKLOG_BYTES = 256 * 1024;
/** Bytes above that cap which only STUN may use, so that consent survives a full backlog. */
export const STUN_WRITE_RESERVE_BYTES = 8 * 1024;
/** Milliseconds for the last packets of a TCP connection that is closed. */
export const CLOSE_TIMEOUT_MS = 1000;
/** Packets of one session handed to the UDP socket and not yet sent; above it packets are dropped. */
export const MAX_UDP_QUEUE_PACKETS = 1024;
/** Milliseconds without a packet until an address or a TCP connection is forgotten: twice the life of consent (RFC 7675). */
export const PATH_IDLE_MS = 60_000;
/** Milliseconds between two looks for idle paths. */
export const IDLE_SWEEP_MS = 10_000;
/** STUN requests of one session whose answers may come from anywhere: one check for each of its pairs, and some again. */
export const MAX_TRANSACTIONS_PER_SESSION = 256;
/** Milliseconds until such an answer is not waited for any more: longer than a check is repeated. */
export const TRANSACTION_MS = 20_000;
/** Sessions on one port. Each holds some KiB until its peer closes it. */
export const MAX_SESSIONS = 20_000;
/** Kernel receive buffer of a UDP socket that all peers share, bytes; the kernel may give less. */
export const UDP_RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Kernel send buffer, bytes. */
export const UDP_SEND_BUFFER_BYTES = 1024 * 1024;
/** How often a port number is tried that must be free for UDP and TCP on all addresses. */
export const PORT_TRIES = 32;
/** Milliseconds in which the machine's addresses are not read again. */
export const REFRESH_INTERVAL_MS = 1000;

/** TCP dials towards one remote address at the same time (RFC 6544 section 4.1: at most 5). */
export const MAX_DIALS_PER_ADDRESS = 5;
/** Milliseconds for one TCP dial. A dial that takes longer is of no use to the check it is for. */
export const DIAL_TIMEOUT_MS = 5000;

/** Milliseconds until a connection to the shared port must have said enough to be told HTTP from STUN. */
export const SNIFF_TIMEOUT_MS = 10_000;
/** Bytes that are enough for that: a frame's length and a STUN header's first eight. */
export const SNIFF_BYTES = 10;
