/**
 * One UDP and TCP port for many agents, and ICE over TCP (RFC 6544).
 *
 * @packageDocumentation
 */
export type { ReadInterfaces, Remote } from './address.ts';
export type { Logger } from './context.ts';
export type { DropReason, Drops } from './counters.ts';
export type { DatagramEndpoint, Endpoint, PortEndpoint, StreamEndpoint } from './endpoint.ts';
export { ICE_PORT_ERROR_EDGES, IcePortError, type IcePortErrorCode } from './errors.ts';
export { firstBytesAreStun } from './first-bytes.ts';
export { IcePort, type IcePortOptions, type IcePortStats } from './ice-port.ts';
export type { IceSession } from './ice-session.ts';
export { DEFAULT_LIMITS, type IcePortLimits } from './limits.ts';
export { portSockets } from './port-sockets.ts';
export type { OnPacket, SessionCredentials } from './session.ts';
export {
  createSharedTcpServer,
  type HttpServerLike,
  type SharedTcpServerOptions,
  type StunTaker,
} from './shared-tcp-server.ts';
export { tcpActiveSockets } from './tcp-active.ts';
