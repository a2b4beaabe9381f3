/**
 * What every part of Ouro stands on, in a browser too.
 *
 * @packageDocumentation
 */
export { type Clock, systemClock } from './clock.ts';
export { TypedEventTarget } from './typed-events.ts';
