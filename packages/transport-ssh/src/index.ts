export * from './client/index.ts';
export * from './constants.ts';
export * from './host/index.ts';
