export type * from '../face/index.ts';
export { GATHER_TIMEOUT_MS, NEGOTIATE_TIMEOUT_MS, RESTART_TIMEOUT_MS } from './constants.ts';
export { iceFailed, type PairTried } from './failure.ts';
export { negotiate } from './negotiate.ts';
export type { Authorize, Negotiated, NegotiateOptions, NegotiatePhase } from './options.ts';
export { answerRestart, type ExchangeRestart, type RestartOptions, restartIce } from './restart.ts';
