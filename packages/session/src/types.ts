/** Size of a terminal, in cells. */
export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

/** The shape of a structured logger (pino fits). */
export interface Logger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** The time of day, given from outside. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export type { PeerInfo, SignalName } from './commands.ts';
