export type { IceServer } from '../shared/ice-server.ts';
export * from './constants.ts';
export { WhipListener } from './listener.ts';
export {
  DEFAULT_LIMITS,
  type OnSession,
  type WhipLimits,
  type WhipServerOptions,
  type WhipSessionContext,
} from './options.ts';
export { whipServer } from './plugin.ts';
export type { Problem } from './problem.ts';
export { type Rate, type RateLimit, RateLimiter } from './rate-limit.ts';
export {
  type ReloadTlsOptions,
  readTls,
  reloadTls,
  type TlsFiles,
  type TlsMaterial,
  type TlsServer,
} from './tls-files.ts';
export type { WhipSession } from './whip-session.ts';
export { WhipSessions } from './whip-sessions.ts';
