import type { Clock } from '@ouro/base';
import type { Counters } from './counters.ts';
import type { IcePortLimits } from './limits.ts';
import type { SessionRegistry } from './session-registry.ts';

/** The shape of a structured logger (pino fits). */
export interface Logger {
  debug(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** What all parts of one port share. */
export interface IcePortContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: IcePortLimits;
  readonly counters: Counters;
  readonly registry: SessionRegistry;
}
