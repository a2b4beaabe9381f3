export * from './client/index.ts';
export * from './commands.ts';
export * from './errors.ts';
export * from './host/index.ts';
export * from './protocol.ts';
export type { Purpose } from './purpose.ts';
export * from './types.ts';
