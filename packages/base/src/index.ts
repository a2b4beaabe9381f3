/**
 * What every part of Ouro stands on, in a browser too.
 *
 * @packageDocumentation
 */
export { type LinkedSignal, linkSignals, nextEvent, onAbort, unlessAborted } from './abort.ts';
export { type Clock, systemClock, type TimerOptions } from './clock.ts';
export { Deadline, type DeadlineOptions } from './deadline.ts';
export { isLoopback } from './loopback.ts';
export { type Random, type Runtime, type RuntimeOptions, randomFraction } from './runtime.ts';
export { Timer } from './timer.ts';
export { TypedEventTarget } from './typed-events.ts';
