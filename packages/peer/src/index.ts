export { createPeer, type IceServer, type PeerOptions } from './create-peer.ts';
export type * from './face/index.ts';
export { type PairEnd, Peer, type SelectedPair } from './peer.ts';
