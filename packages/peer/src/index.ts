export { DataChannel, type DataChannelEvents } from './channel/data-channel.ts';
export { createPeer, type PeerOptions } from './create-peer.ts';
export type * from './face/index.ts';
export type {
  CandidateType,
  IceServer,
  IceServerError,
  IceSocket,
  IceSocketSource,
  OnDatagram,
  SocketUser,
  TcpType,
  TransportAddress,
} from './ice/index.ts';
export { parseIceServers, usableIceServers } from './ice/index.ts';
export * from './ice-port/index.ts';
export type { PathQuality } from './path-quality.ts';
export { Peer, type PeerEvents } from './peer.ts';
export type { PairEnd, SelectedPair } from './selected-pair.ts';
export { type TurnCredentials, type TurnCredentialsInit, turnCredentials } from './turn-credentials.ts';
