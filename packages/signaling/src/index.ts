export * from './constants.ts';
export * from './errors.ts';
export * from './negotiation/index.ts';
export * from './signal.ts';
export * from './signaler.ts';
