export { isLoopback, localAddresses } from './addresses.ts';
export { IceAgent, type IceAgentOptions, type IceState } from './agent.ts';
export { type CandidateType, formatCandidate, type IceCandidate, parseCandidate } from './candidate.ts';
export type { IceCredentials } from './checks.ts';
export { type IceServer, type IceServers, parseIceServers } from './ice-servers.ts';
export type { CandidatePair, PairState } from './pair.ts';
export {
  type IceSocket,
  type IceSocketSource,
  type OnDatagram,
  type SocketUser,
  type TcpType,
  udpSockets,
} from './socket.ts';
export type { TransportAddress } from './stun-address.ts';
