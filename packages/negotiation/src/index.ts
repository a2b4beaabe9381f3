/**
 * From two unconnected WebRTC peers to a connected one, over any signaler; and ICE restarts. Runs in a browser too.
 *
 * @packageDocumentation
 */
export { presentedFingerprint } from './certificate.ts';
export { GATHER_TIMEOUT_MS, NEGOTIATE_TIMEOUT_MS, RESTART_TIMEOUT_MS } from './constants.ts';
export * from './machine/index.ts';
export { negotiate } from './negotiate.ts';
export { formatPairTried, iceFailed, NoPathError, type PairTried, pairsTried } from './no-path.ts';
export type { Authorize, Negotiated, NegotiateOptions, NegotiatePhase } from './options.ts';
export { answerRestart, type ExchangeRestart, type RestartOptions, restartIce } from './restart.ts';
