/**
 * ICE for data channels (RFC 8445, RFC 8838): agent, candidates, consent, STUN and TURN servers.
 *
 * @packageDocumentation
 */
export { localAddresses } from './addresses.ts';
export { IceAgent } from './agent.ts';
export type { IceAgentOptions, IceState } from './agent-options.ts';
export { type CandidateType, formatCandidate, type IceCandidate, parseCandidate } from './candidate.ts';
export { encodeCheck, type IceCredentials } from './checks.ts';
export { MAX_RETIRED_UFRAGS } from './constants.ts';
export {
  type IceServer,
  type IceServerError,
  type IceServers,
  parseIceServers,
  usableIceServers,
} from './ice-servers.ts';
export { IceTransport, type IceTransportOptions } from './ice-transport.ts';
export type { CandidatePair } from './pair.ts';
export {
  type IceSocket,
  type IceSocketSource,
  type OnDatagram,
  type SocketUser,
  type TcpType,
  udpSockets,
} from './socket.ts';
export { type TurnCredentials, type TurnCredentialsInit, turnCredentials } from './turn/credentials.ts';
