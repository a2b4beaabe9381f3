/**
 * One WebRTC peer behind the W3C API: ICE, DTLS and SCTP put together, with an identity that lasts.
 *
 * @packageDocumentation
 */
export { createPeer } from './create-peer.ts';
export type { PathQuality } from './path-quality.ts';
export { Peer, type PeerEvents } from './peer.ts';
export type { PeerOptions } from './peer-options.ts';
export type { PairEnd, SelectedPair } from './selected-pair.ts';
